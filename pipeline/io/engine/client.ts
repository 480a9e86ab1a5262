import type {Failure} from '../../core/failure.ts';
import {engineFailure, type Output, type RunCommand} from './command.ts';
import type {ProgramEnv} from './engine.ts';

/** What differs between the command lines of container engines; all else is the same. */
export interface Differences {
  program: string;
  /** Prints the version, and answers only where the engine works. */
  versionCommand: readonly string[];
  buildFlags: readonly string[];
  /** Variables that a build needs. */
  prepareBuild(run: RunCommand): Promise<ProgramEnv>;
  /** What push and pull need for a registry without TLS. */
  plainHttpFlags: readonly string[];
  /** How a login is given that is in a folder of its own. */
  useLogin(run: RunCommand, folder: string): Promise<LoginUse>;
  /** The name under which the engine looks for the login of a registry's host. */
  nameLogin(host: string): string;
}

interface LoginUse {
  /** Where the engine looks for logins, as JSON with `auths`. */
  file: string;
  /** Before the verb of the command. */
  flagsBefore: readonly string[];
  /** Behind the verb of the command. */
  flagsAfter: readonly string[];
  env: ProgramEnv;
}

/** The command line of a container engine. */
export interface Client extends Differences {
  run: RunCommand;
}

/** A Failure about something simple, at which an engine that answers should not fail. */
export function clientFailure(
  {program}: Client,
  what: string,
  output: Output,
  code = 'ENGINE_FAILED',
): Failure {
  const fix = `Check that the engine is healthy: \`${program} info\`.`;
  return engineFailure(code, `${program} could not ${what}`, output, fix);
}

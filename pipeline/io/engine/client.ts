import type {Failure} from '../../core/failure.ts';
import {engineFailure, type Output, type RunCommand} from './command.ts';
import type {ArchiveWriter} from './image-archive.ts';

/** What differs between the command lines of container engines; all else is the same. */
export interface Differences {
  program: string;
  /** Prints version, operating system and processor, and answers only where the engine works. */
  versionCommand: readonly string[];
  /** Writes an archive from which the engine takes the layers that it does not hold, and no other. */
  writeOwnLayer: ArchiveWriter;
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

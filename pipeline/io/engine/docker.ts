import {homedir} from 'node:os';
import {join} from 'node:path';
import {answerTimeoutMs, type RunCommand} from './command.ts';
import {connectContainerEngine} from './container-engine.ts';
import type {Connector, ProgramEnv} from './engine.ts';

export const docker: Connector = {
  connect: (env, note) =>
    connectContainerEngine(env, note, {
      program: 'docker',
      versionCommand: ['version', '--format', '{{.Server.Version}}'],
      buildFlags: [],
      // an engine of one's own tells by its attestations when an image was built
      prepareBuild: async run => ({BUILDX_NO_DEFAULT_ATTESTATIONS: '1', ...(await chooseBuilder(run, env))}),
      plainHttpFlags: [],
      async useLogin(run, folder) {
        return {
          file: join(folder, 'config.json'),
          flagsBefore: ['--config', folder],
          flagsAfter: [],
          env: await pinDaemon(run, env),
        };
      },
      // the login of Docker Hub stands under the address of its first interface
      nameLogin: host => (host === 'docker.io' ? 'https://index.docker.io/v1/' : host),
    }),
  listLoginFiles: env => [join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json')],
};

/** The client of Docker 23 and later builds with buildx unless told otherwise, and fails where that is not installed. */
async function chooseBuilder(run: RunCommand, env: ProgramEnv): Promise<ProgramEnv> {
  if (env.DOCKER_BUILDKIT !== undefined) return {};
  const output = await run({timeoutMs: answerTimeoutMs})`docker buildx version`;
  return output.exitCode === 0 ? {} : {DOCKER_BUILDKIT: '0'};
}

/** A configuration folder of our own has no contexts: the daemon of the user's context is passed by its address. */
async function pinDaemon(run: RunCommand, env: ProgramEnv): Promise<ProgramEnv> {
  if (env.DOCKER_HOST) return {};
  const output = await run({
    timeoutMs: answerTimeoutMs,
  })`docker context inspect --format ${'{{.Endpoints.docker.Host}}'}`;
  const host = output.stdout.trim();
  return output.exitCode === 0 && host !== '' ? {DOCKER_HOST: host} : {};
}

import {homedir} from 'node:os';
import {join} from 'node:path';
import {connectContainerEngine} from './container-engine.ts';
import type {Connector} from './engine.ts';
import {writeDockerArchive} from './image-archive.ts';

export const docker: Connector = {
  connect: (env, note) =>
    connectContainerEngine(env, note, {
      program: 'docker',
      versionCommand: ['version', '--format', '{{.Server.Version}} {{.Server.Os}} {{.Server.Arch}}'],
      writeOwnLayer: writeDockerArchive,
    }),
  listLoginFiles: env => [join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json')],
};

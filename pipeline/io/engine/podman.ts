import {homedir} from 'node:os';
import {join} from 'node:path';
import {connectContainerEngine} from './container-engine.ts';
import {docker} from './docker.ts';
import type {Connector} from './engine.ts';
import {writeLayoutArchive} from './image-archive.ts';

export const podman: Connector = {
  connect: (env, note) =>
    connectContainerEngine(env, note, {
      program: 'podman',
      versionCommand: ['info', '--format', '{{.Version.Version}} {{.Host.OS}} {{.Host.Arch}}'],
      writeOwnLayer: writeLayoutArchive,
    }),
  // containers-auth.json(5); a login of docker's is taken where podman has none
  listLoginFiles(env) {
    const uid = process.getuid?.() ?? 0;
    const home = env.HOME || homedir();
    return [
      ...(env.REGISTRY_AUTH_FILE ? [env.REGISTRY_AUTH_FILE] : []),
      join(env.XDG_RUNTIME_DIR || `/run/user/${uid}`, 'containers/auth.json'),
      `/run/containers/${uid}/auth.json`,
      join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
      ...docker.listLoginFiles(env),
    ];
  },
};

import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {findChromium} from './chromium.ts';
import {projectRoot} from './cli-run.ts';

interface Requirement {
  /** Exits with 0 where the part is installed and runs. */
  probe: readonly [command: string, ...args: string[]];
  /** What to do where there is no such command. */
  install: string;
  /** What to do where the command is there, and the probe fails. */
  start?: string;
  /** Whether CONTAINER_ENGINE=none leaves it out. */
  isEngine?: true;
}

/** Where .ci/clients installs the clients of test/clients. */
export const clientsFolder = join(projectRoot, 'node_modules/.clients');

const install = (debianPackage: string) => `sudo apt-get install ${debianPackage}`;

/** Real parts of a machine that tests run against. */
const requirements = {
  docker: {
    probe: ['docker', 'info'],
    install: install('docker.io'),
    start: 'sudo systemctl start docker',
    isEngine: true,
  },
  podman: {
    probe: ['podman', 'info'],
    install: install('podman'),
    start: 'podman info says why; on a Mac, podman machine start',
    isEngine: true,
  },
  registry: {probe: ['docker-registry', '--version'], install: install('docker-registry')},
  faketime: {probe: ['faketime', '--version'], install: install('faketime')},
  htpasswd: {probe: ['htpasswd', '-nbB', 'a', 'b'], install: install('apache2-utils')},
  openssl: {probe: ['openssl', 'version'], install: install('openssl')},
  task: {probe: ['task', '--version'], install: 'see https://taskfile.dev/docs/installation'},
  git: {probe: ['git', '--version'], install: install('git')},
  curl: {probe: ['curl', '--version'], install: install('curl')},
  // util-linux's, which has pseudo-terminals
  script: {probe: ['script', '--version'], install: install('bsdutils')},
  chromium: {probe: [findChromium() ?? 'chromium', '--version'], install: install('chromium')},
  pythonClients: {
    probe: [
      join(clientsFolder, 'python/bin/python'),
      '-c',
      'import kserve, mlflow, schemathesis, tritonclient',
    ],
    install: '.ci/clients',
    start: '.ci/clients',
  },
  npmClients: {
    probe: [join(clientsFolder, 'npm/node_modules/.bin/openapi-typescript'), '--version'],
    install: '.ci/clients',
  },
} satisfies Record<string, Requirement>;

export type Part = keyof typeof requirements;
export const partNames = Object.keys(requirements) as Part[];

/**
 * Says in one sentence why a part of this machine cannot be used, and what would help; undefined where it can.
 *
 * @param env the environment that the part is looked for in.
 */
export function explainGap(part: Part, env: NodeJS.ProcessEnv): string | undefined {
  const requirement: Requirement = requirements[part];
  if (requirement.isEngine && env.CONTAINER_ENGINE === 'none') {
    return `${part} is left out, as CONTAINER_ENGINE=none asks${env.CI === 'true' ? ', and CI=true lets nothing be left out: unset one of them' : ''}`;
  }
  const [command, ...args] = requirement.probe;
  const {status, error, stderr} = spawnSync(command, args, {env, encoding: 'utf8', timeout: 30_000});
  if (status === 0) return undefined;
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    return `${part} is not installed: ${requirement.install}`;
  }
  const said = stderr.trim().split('\n').at(-1) || error?.message || `exit code ${status}`;
  const {start} = requirement;
  const help = /permission denied/i.test(said) ? 'sudo usermod --append --groups docker "$USER"' : start;
  return `${part} is installed, but does not run (${said})${help === undefined ? '' : `: ${help}`}`;
}

import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished} from 'vitest';
import {projectRoot} from './helpers/cli-run.ts';
import {makeFolder} from './helpers/folder.ts';
import {testWith} from './helpers/parts.ts';
import {startRegistry} from './helpers/registry.ts';
import {cloneProject, type JobRun, readWorkflow, runJob} from './helpers/workflow.ts';

const retrain = readWorkflow(join(projectRoot, '.github/workflows/retrain.yml'));
const retrainSteps = retrain.jobs.retrain?.steps ?? [];
const folder = makeFolder();

describe('retrain.yml', () => {
  const account = {username: 'some-robot', password: 'token-of-the-job'};
  const nothing = {'inputs.dataset': '', 'inputs.seed': '', 'inputs.max-mse': '', 'inputs.channel': ''};

  /** Makes a registry and a function that runs the workflow on a runner of its own against it. */
  async function prepare() {
    const registry = await startRegistry({account});
    const image = imageName();
    onTestFinished(() => registry.remove());
    let runners = 0;
    const run = (inputs: Partial<typeof nothing> = {}): JobRun & {clone: string} => {
      const runner = join(folder, `${image}-${++runners}`);
      const clone = cloneProject(runner);
      const job = runJob(retrainSteps, {
        clone,
        temporary: `${runner}-temp`,
        context: {
          ...nothing,
          ...inputs,
          'github.actor': account.username,
          'secrets.GITHUB_TOKEN': account.password,
        },
        env: {
          REGISTRY: registry.host, // in place of ghcr.io
          GITHUB_REPOSITORY_OWNER: 'Some-Team',
          IMAGE_NAME: image, // so that no other test meets this one's images
          DOCKER_CONFIG: `${runner}-temp`, // a runner has no login stored
        },
      });
      return {...job, clone};
    };
    const readDigest = async (channel: string) => {
      const answer = await fetch(`http://${registry.host}/v2/some-team/${image}/manifests/${channel}`, {
        method: 'HEAD',
        headers: {
          accept: 'application/vnd.oci.image.index.v1+json',
          authorization: `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`,
        },
      });
      return answer.headers.get('docker-content-digest');
    };
    return {registry, run, readDigest};
  }

  testWith(
    'docker',
    'registry',
    'htpasswd',
    'git',
  )(
    'promotes on an empty runner, shows and keeps the report, and finds nothing to do on the next one',
    {timeout: 120_000},
    async () => {
      const {run, readDigest} = await prepare();

      const first = run();
      expect(`${first.code} ${first.code === 0 ? '' : first.stderr}`).toBe('0 ');
      const {outcome, metrics, release, version} = JSON.parse(first.stdout);
      expect(outcome).toBe('promoted');
      expect(metrics.mse).toBeCloseTo(0.12991981605759936, 12); // scikit-learn 1.2.1
      expect(await readDigest('production')).toBe(release.digest);
      expect(first.stdout + first.stderr + first.summary).not.toContain(account.password);

      const second = run();
      expect(`${second.code} ${second.code === 0 ? '' : second.stderr}`).toBe('0 ');
      expect(JSON.parse(second.stdout).outcome).toBe('unchanged');
      expect(await readDigest('production')).toBe(release.digest);

      for (const [job, word] of [
        [first, /promoted/i],
        [second, /unchanged/i],
      ] as const) {
        expect(job.summary).toMatch(word);
        expect(job.summary).toContain(version);
        expect(job.summary).toBe(readFileSync(join(job.clone, 'artifacts/report.md'), 'utf8'));
        expect(job.uploaded).toEqual([`artifacts/iris/${version}/report.html`, 'artifacts/report.md']);
      }
    },
  );

  testWith(
    'docker',
    'registry',
    'htpasswd',
    'git',
  )(
    'takes its inputs as values, fails on a rejected model and shows why, and leaves the channel alone then',
    {timeout: 120_000},
    async () => {
      const {run, readDigest} = await prepare();

      const started = run({'inputs.seed': '7', 'inputs.channel': 'staging'});
      expect(`${started.code} ${started.code === 0 ? '' : started.stderr}`).toBe('0 ');
      expect(JSON.parse(started.stdout)).toMatchObject({
        outcome: 'promoted',
        split: {seed: 7},
        release: {channel: 'staging', digest: await readDigest('staging')},
      });
      expect(await readDigest('production')).toBeNull();

      const before = await readDigest('staging');
      const rejected = run({'inputs.max-mse': '0.001', 'inputs.channel': 'staging'});
      expect(rejected.code).toBe(4);
      expect(JSON.parse(rejected.stdout).outcome).toBe('rejected');
      expect(await readDigest('staging')).toBe(before);
      expect(rejected.summary).toMatch(/rejected/i);
      expect(rejected.uploaded).toContain('artifacts/report.md');

      // what somebody may type into the form
      for (const seed of ['7; touch taken', '$(touch taken)', '`touch taken`', '--help']) {
        const odd = run({'inputs.seed': seed});
        expect(`${seed}: ${odd.code}`).toBe(`${seed}: 2`);
        expect(existsSync(join(odd.clone, 'taken'))).toBe(false);
      }
    },
  );

  testWith(
    'docker',
    'registry',
    'htpasswd',
    'git',
  )('fails and shows the report when the registry is away', {timeout: 120_000}, async () => {
    const {registry, run} = await prepare();
    await registry.stop();
    const failed = run();
    expect(failed.code).toBe(5);
    expect(failed.summary).toMatch(/failed/i);
    expect(failed.summary).toContain(registry.host);
    expect(failed.uploaded).toContain('artifacts/report.md');
  });
});

describe("the README's recipes", () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const findBlock = (language: string) =>
    new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';

  testWith('docker', 'registry', 'git')(
    'for cron is silent when it promotes, and writes log and exit code when it fails',
    {timeout: 120_000},
    async () => {
      const registry = await startRegistry();
      const image = imageName();
      onTestFinished(() => registry.remove());
      const clone = cloneProject(join(folder, image));
      const [, line = ''] = /^(?:\S+ ){5}(.*)\n$/.exec(findBlock('crontab')) ?? [];
      const command = line
        .replace('/srv/csv-to-server', clone)
        .replace('registry.example.org/team', registry.host);
      const run = () =>
        spawnSync('/bin/sh', ['-c', command], {
          encoding: 'utf8',
          env: {
            PATH: process.env.PATH,
            HOME: process.env.HOME,
            CONTAINER_ENGINE: 'docker',
            IMAGE_NAME: image,
          },
        });
      const promoted = run();
      expect(promoted.stdout + promoted.stderr).toBe('');
      expect(readFileSync(join(clone, 'retrain.log'), 'utf8')).toContain('PROMOTED iris');
      await registry.stop();
      const failed = run();
      expect(failed.stdout).toMatch(/^retraining ended with exit code 5\n/);
      expect(failed.stdout).toContain('REGISTRY_UNREACHABLE');
    },
  );
});

/** A name of this test's own, whose images are removed when it is done. */
function imageName(): string {
  const name = `test-${Math.random().toString(36).slice(2, 10)}`;
  onTestFinished(() => {
    const list = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'];
    const images = spawnSync('docker', list, {encoding: 'utf8'}).stdout.split('\n');
    const own = images.filter(image => image.includes(name));
    if (own.length > 0) spawnSync('docker', ['image', 'rm', '--force', ...own]);
  });
  return name;
}

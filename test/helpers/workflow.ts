import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parse} from 'yaml';
import * as z from 'zod';
import {projectRoot} from './cli-run.ts';

const Step = z.object({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  env: z.record(z.string(), z.string()).default({}),
  run: z.string().optional(),
});
const Permissions = z.record(z.string(), z.string());

/** The parts of a workflow file that the tests look at. */
export const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: Permissions,
  concurrency: z.object({group: z.string(), 'cancel-in-progress': z.union([z.boolean(), z.string()])}),
  defaults: z.object({run: z.object({shell: z.literal('bash')})}),
  jobs: z.record(
    z.string(),
    z.object({
      'timeout-minutes': z.number(),
      permissions: Permissions.optional(),
      steps: z.array(Step),
    }),
  ),
});
export type Workflow = z.infer<typeof Workflow>;
export type Step = z.infer<typeof Step>;

export interface JobRun {
  /** Exit code of the first step that failed, else 0: what the host shows as the job's result. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** What the steps wrote for the run's page. */
  summary: string;
  /** Paths in the clone of what would be uploaded. */
  uploaded: string[];
}

export function readWorkflow(file: string): Workflow {
  return Workflow.parse(parse(readFileSync(file, 'utf8')));
}

/**
 * Clones the checkout's commit into a folder, as a runner that was created a minute ago would.
 *
 * In place of `npm ci`, which takes long and asks the network, it gets the checkout's node_modules; the fetched
 * data come along for the same reason.
 */
export function cloneProject(folder: string): string {
  const {status, stderr} = spawnSync('git', ['clone', '--quiet', projectRoot, folder], {encoding: 'utf8'});
  if (status !== 0) throw new Error(`git clone: ${stderr}`);
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(projectRoot, 'data/.cache'), join(folder, 'data/.cache'), {recursive: true});
  return folder;
}

/**
 * Runs a job's steps in order, each script in the shell that the host would give it.
 *
 * @param clone folder that stands for the checkout; `node_modules` is there, and `npm ci` is left out.
 * @param context values of the expressions in `env`, such as `inputs.seed`; one that is missing is an error.
 * @param env variables that the runner itself would set, or that take the job to a registry of this machine.
 */
export function runJob(
  steps: readonly Step[],
  {
    clone,
    temporary,
    context,
    env,
  }: {clone: string; temporary: string; context: Record<string, string>; env: Record<string, string>},
): JobRun {
  mkdirSync(temporary, {recursive: true});
  const summaryFile = join(temporary, 'summary.md');
  const run: JobRun = {code: 0, stdout: '', stderr: '', summary: '', uploaded: []};
  for (const step of steps) {
    if (run.code !== 0 && step.if !== 'always()') continue;
    if (step.uses?.startsWith('actions/upload-artifact@')) {
      const patterns = String(step.with.path).trim().split('\n');
      run.uploaded = globSync(patterns, {cwd: clone}).sort();
    }
    if (step.run === undefined || step.run === 'npm ci') continue;
    const script = join(temporary, 'script.sh');
    writeFileSync(script, step.run);
    const {status, stdout, stderr} = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: clone,
      encoding: 'utf8',
      timeout: 100_000,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_STEP_SUMMARY: summaryFile,
        GITHUB_WORKSPACE: clone,
        RUNNER_TEMP: temporary,
        ...evaluate(step.env, context),
        ...env,
      },
    });
    run.stdout += stdout;
    run.stderr += stderr;
    if (run.code === 0) run.code = status;
  }
  if (existsSync(summaryFile)) run.summary = readFileSync(summaryFile, 'utf8');
  return run;
}

/** Puts the values of expressions into variables. Only names are looked up: these workflows need no more. */
function evaluate(env: Record<string, string>, context: Record<string, string>): Record<string, string> {
  const lookUp = (_: string, name: string) => {
    const value = context[name];
    if (value === undefined) throw new Error(`The test gives no value for ${name}.`);
    return value;
  };
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(/\$\{\{ (.+?) \}\}/g, lookUp)]),
  );
}

import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {stripUserinfo} from '../core/dataset/descriptor.ts';
import type {Run} from '../run/run-stage.ts';
import {renderRunReport} from './report-md.ts';

/** Variables that decide what a run does; a login is none of them. */
const variables = ['REGISTRY', 'IMAGE_NAME', 'CHANNEL', 'CONTAINER_ENGINE', 'BASE_IMAGE'];

/**
 * Writes `report.md` about a run that has ended, well or badly: to the artifacts folder, where a CI job finds it
 * without knowing the version, and beside the model where there is one.
 *
 * @param args the arguments as they were typed.
 */
export async function writeRunReport(
  {options, result, report}: Run,
  args: readonly string[],
  env: Record<string, string | undefined>,
): Promise<void> {
  const text = renderRunReport({
    result,
    comparison: report.comparison,
    build: report.build,
    evaluation: report.evaluation,
    commandLine: formatCommand(args, env),
  });
  await mkdir(options.artifacts, {recursive: true});
  for (const folder of [options.artifacts, result.artifact]) {
    if (folder !== null) await writeFileAtomic(join(folder, 'report.md'), text);
  }
}

function formatCommand(
  [command = '', ...options]: readonly string[],
  env: Record<string, string | undefined>,
): string {
  const set = variables.flatMap(name => (env[name] ? [`${name}=${quote(env[name])}`] : []));
  const typed = options
    .filter(option => option !== '--json')
    .map(option =>
      quote(option.replace(/^(--csv=)?(.*)$/s, (_, flag = '', text) => flag + stripUserinfo(text))),
    );
  return [...set, 'npm run', command, ...(typed.length > 0 ? ['--', ...typed] : [])].join(' ');
}

/** An argument as a POSIX shell reads it back. */
function quote(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

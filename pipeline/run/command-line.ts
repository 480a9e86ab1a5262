import {stripUserinfo} from '../core/dataset/descriptor.ts';

/** Variables that decide what a run does; a login is none of them. */
const variables = ['REGISTRY', 'IMAGE_NAME', 'CHANNEL', 'CONTAINER_ENGINE', 'BASE_IMAGE'];

/**
 * Writes down what to type in a POSIX shell to get the same run again, without a login.
 *
 * @param args the arguments as they were typed.
 */
export function formatCommandLine(
  [command = '', ...options]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const set = variables.flatMap(name => (env[name] ? [`${name}=${quote(env[name])}`] : []));
  const typed = options
    .filter(option => option !== '--json')
    .map(option =>
      quote(option.replace(/^(--csv=)?(.*)$/s, (_, flag = '', text) => flag + stripUserinfo(text))),
    );
  return [...set, 'npm run', command, ...(typed.length > 0 ? ['--', ...typed] : [])].join(' ');
}

/** Quotes an argument so that a POSIX shell reads it back. */
function quote(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

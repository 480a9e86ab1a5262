/**
 * Says why a Node is too old for this program, in one sentence; undefined where it is not.
 *
 * @param version such as `v24.1.0`.
 * @param path of its program.
 */
export function explainOldNode(version: string, path: string): string | undefined {
  const [, major = '0'] = /^v(\d+)/.exec(version) ?? [];
  if (Number(major) >= 24) return undefined;
  return `OLD_NODE: This program runs on Node 24 or later; it was started with ${version} (${path}). Start it with npm run or task, which use the Node that npm ci has put into node_modules.`;
}

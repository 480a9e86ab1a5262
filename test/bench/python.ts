import {spawnSync} from 'node:child_process';

export interface ReferencePython {
  /** Its path, or its name on the PATH. */
  command: string;
  /** By package, `Python` among them; empty when the command does not run. */
  versions: Record<string, string>;
}

const packages = ['scikit-learn', 'pandas', 'flask', 'fastapi', 'uvicorn'];

const probe = `
import importlib.metadata, json, platform, sys
versions = {"Python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(versions))`;

/**
 * Looks for the Python that the reference programs run on.
 *
 * @param named the only one to look at; without it python3 and python, whichever has more of the packages.
 */
export function findReferencePython(named: string | undefined): ReferencePython {
  const candidates = (named ? [named] : ['python3', 'python']).map(command => {
    const {status, stdout} = spawnSync(command, ['-c', probe, ...packages], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    return {command, versions: status === 0 ? JSON.parse(stdout) : {}};
  });
  const [best = {command: 'python3', versions: {}}] = candidates.toSorted(
    (a, b) => Object.keys(b.versions).length - Object.keys(a.versions).length,
  );
  return best;
}

/** Says which of some packages a Python lacks and how to get them; undefined when it has them all. */
export function describeLack({command, versions}: ReferencePython, needed: string[]): string | undefined {
  const lacking = needed.filter(name => !(name in versions));
  if (lacking.length === 0) return undefined;
  const problem = 'Python' in versions ? `has no ${lacking.join(', ')}` : 'does not run';
  return `${command} ${problem}. Set REFERENCE_PYTHON to a Python with ${needed.join(', ')}: python3 -m venv DIR && DIR/bin/pip install ${needed.join(' ')}, then REFERENCE_PYTHON=DIR/bin/python`;
}

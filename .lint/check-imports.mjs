// Holds the import rules in the working folder: `node .lint/check-imports.mjs`. Ends with 1 at a breach.
import {existsSync} from 'node:fs';
import {dirname} from 'node:path/posix';
import {cruise} from 'dependency-cruiser';
import {importRules} from './import-rules.mjs';

const {output} = await cruise(
  ['pipeline', 'serve', 'test'].filter(folder => existsSync(folder)),
  {
    ruleSet: {forbidden: importRules},
    validate: true,
    doNotFollow: {path: 'node_modules'},
  },
  {
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'types', 'default'],
    extensions: ['.ts', '.js', '.json'],
  },
);
const breaches = output.summary.violations.map(({rule, from, to, cycle}) => {
  const way = cycle === undefined ? [to] : cycle.map(({name}) => name);
  return `${rule.name}: ${[from, ...way].join(' → ')}`;
});
const lines = [...breaches, ...findFolderCircles(output.modules)].sort();
for (const line of lines) process.stderr.write(`${line}\n`);
process.stdout.write(
  `Checked the imports of ${output.modules.length} files. ${lines.length} break a rule.\n`,
);
process.exitCode = lines.length === 0 ? 0 : 1;

/**
 * One line for each folder from which an import leads to a folder whose imports lead back.
 *
 * dependency-cruiser's own rule for this takes a folder with all that is below it. Here a file stands for just the
 * folder that it is in; a seam and the folders of its members, which lie in its own, are one.
 */
function findFolderCircles(modules) {
  const imports = modules
    .filter(({source}) => /^(pipeline|serve)\//.test(source))
    .flatMap(({source, dependencies}) => dependencies.map(dependency => ({source, ...dependency})))
    // what is taken as text, such as a page's script, does not run there
    .filter(({module}) => !module.endsWith('?text'))
    .map(({source, resolved}) => ({
      way: `${source} → ${resolved}`,
      from: dirname(source),
      to: dirname(resolved),
    }))
    .filter(({from, to}) => !contains(from, to) && !contains(to, from));
  const leaving = Map.groupBy(imports, ({from}) => from);
  const findReachable = (folder, reached = new Set()) => {
    for (const {to} of leaving.get(folder) ?? []) if (!reached.has(to)) findReachable(to, reached.add(to));
    return reached;
  };
  const circling = imports.filter(({from, to}) => findReachable(to).has(from));
  return [...Map.groupBy(circling, ({from, to}) => `${from} → ${to}`)].map(
    ([folders, ways]) => `no circle of folders: ${folders}, as by ${ways[0].way}`,
  );
}

function contains(folder, other) {
  return `${other}/`.startsWith(`${folder}/`);
}

// Who may import whom, types included. `npm run lint` holds these rules through check-imports.mjs.

/** What each folder may import of ours besides itself; the further down, the less. */
const mayImport = {
  'pipeline/cli.ts': ['pipeline/commands', 'pipeline/report', 'pipeline/run', 'pipeline/core/failure.ts'],
  'pipeline/commands': ['pipeline/(report|run|stages|smoke|io|core)', 'serve'],
  'pipeline/report': ['pipeline/(run|core)', 'pipeline/io/(artifacts|registry)', 'serve'],
  'pipeline/run': ['pipeline/(stages|io|core)', 'serve/artifact'],
  'pipeline/stages': ['pipeline/(smoke|io|core)', 'serve/artifact'],
  'pipeline/smoke': ['pipeline/core', 'serve'],
  'pipeline/io/image': ['pipeline/io/(engine|registry|artifacts)', 'pipeline/core'],
  'pipeline/io/engine': ['pipeline/io/(registry|artifacts)', 'pipeline/core', 'serve/artifact'],
  'pipeline/io/registry': ['pipeline/io/(artifacts|http)', 'pipeline/core', 'serve/artifact'],
  'pipeline/io/data': ['pipeline/io/http', 'pipeline/core'],
  'pipeline/io/artifacts': ['pipeline/core', 'serve'],
  'pipeline/io/http': [],
  'pipeline/core/release': ['pipeline/core', 'serve/(artifact|model)'],
  'pipeline/core/gate': ['pipeline/core/(champion|evaluation|fit|dataset|failure)', 'serve/(artifact|model)'],
  'pipeline/core/champion': ['pipeline/core/(evaluation|fit|dataset|failure)', 'serve/(artifact|model)'],
  'pipeline/core/evaluation': ['pipeline/core/(fit|dataset|failure)', 'serve/(artifact|model)'],
  'pipeline/core/fit': ['pipeline/core/(dataset|failure)', 'serve/(artifact|model)'],
  'pipeline/core/dataset': ['pipeline/core/failure', 'serve/(artifact|model)'],
  'pipeline/core/failure.ts': [],
  serve: [],
  'serve/config.ts': ['serve/(access|http|observe)'],
  'serve/page': ['serve/(access|http|rows|model|artifact)'],
  'serve/openapi': ['serve/(access|http|rows|model|artifact)'],
  'serve/dialects': ['serve/(access|http|observe|rows|model|artifact)'],
  'serve/http': ['serve/(access|observe|rows|model|artifact)'],
  'serve/access': ['serve/(rows|model|artifact)'],
  'serve/observe': ['serve/(rows|model|artifact)'],
  'serve/rows': ['serve/(model|artifact)'],
  'serve/model': ['serve/artifact'],
  'serve/artifact': [],
};

/** Packages that may be replaced one day, and the one place that imports each. */
const onlyIn = {
  'ml-regression-multivariate-linear': 'pipeline/core/fit/regression.ts',
  '@duckdb': 'pipeline/io/data',
  zx: 'pipeline/io/engine',
  esbuild: 'pipeline/io/artifacts',
  commander: 'pipeline/run',
  '@observablehq': 'pipeline/report',
};

/** The modules of Node that compute; the others act. */
const pureModules = 'crypto|module|util';
const packagesThatAct = '@duckdb|@hono|esbuild|hono|ora|write-file-atomic|zx';

const inside = path => `^${path}(/|\\.|$)`;
const forbid = (name, from, to) => ({name, severity: 'error', from, to});

export const importRules = [
  forbid('no circle of files', {}, {circular: true}),
  forbid('every import leads somewhere', {}, {couldNotResolve: true}),
  ...Object.entries(mayImport).map(([folder, targets]) =>
    forbid(
      `${folder} imports only what lies below it`,
      {path: inside(folder)},
      {path: '^(pipeline|serve|test)/', pathNot: [folder, ...targets].map(inside)},
    ),
  ),
  forbid(
    'core computes and does not act',
    {path: '^pipeline/core/'},
    {dependencyTypes: ['core'], pathNot: `^(node:)?(${pureModules})$`},
  ),
  forbid(
    'core uses no package that acts',
    {path: '^pipeline/core/'},
    {path: `node_modules/(${packagesThatAct})/`},
  ),
  ...Object.entries(onlyIn).map(([name, place]) =>
    forbid(
      `only ${place} imports ${name}`,
      {path: '^(pipeline|serve)/', pathNot: inside(place)},
      {path: `node_modules/${name}/`},
    ),
  ),
];

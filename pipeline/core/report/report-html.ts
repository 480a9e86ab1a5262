import {html} from 'hono/html';
import type {Artifact} from '../../../serve/artifact.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 0.5rem 0 2rem; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
th { text-align: left; }
td { text-align: right; font-variant-numeric: tabular-nums; }
`;

/** Renders a trained model as one self-contained HTML page; the same artifact gives the same bytes. */
export function renderReport(artifact: Artifact): string {
  const {name, version, features, targets, metrics, provenance} = artifact;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} ${version}</title>
<style>${style}</style>
</head>
<body>
<h1>${name}</h1>
<p>Linear regression, version <code>${version}</code>, of ${targets.map(target => target.name).join(', ')}
on ${features.map(feature => feature.name).join(', ')}.</p>
<h2>Scores on ${provenance.split.test} test rows</h2>
${renderTable(
  ['target', 'mse', 'rmse', 'mae', 'r2'],
  [
    ...Object.entries(metrics.targets).map(([target, scores]) => [target, ...listScores(scores)]),
    ...(targets.length > 1 ? [['mean over targets', ...listScores(metrics)]] : []),
  ],
)}
<p>Predicting the training mean scores an mse of ${formatNumber(metrics.baseline.mse)}.</p>
<h2>Coefficients</h2>
${renderTable(
  ['', ...targets.map(target => target.name)],
  [
    ['intercept', ...targets.map(target => formatNumber(target.intercept))],
    ...features.map((feature, j) => [
      feature.name,
      ...targets.map(target => formatNumber(target.coefficients[j] ?? null)),
    ]),
  ],
)}
<h2>Features in ${provenance.split.train} training rows</h2>
${renderTable(
  ['feature', 'unit', 'mean', 'standard deviation', 'min', 'max'],
  features.map(({name, unit, mean, scale, min, max}) => [
    name,
    unit ?? '',
    ...[mean, scale, min, max].map(formatNumber),
  ]),
)}
<h2>Provenance</h2>
${renderTable(
  ['', ''],
  [
    ['data', provenance.dataset.url ?? 'a local file'],
    ['SHA-256 of the data', provenance.dataset.sha256],
    ['rows', String(provenance.dataset.rows)],
    ['split', `test size ${provenance.split.testSize}, seed ${provenance.split.seed}`],
    ...Object.entries(provenance.libraries),
  ],
)}
</body>
</html>
`;
  return String(page);
}

function renderTable(header: readonly string[], rows: readonly (readonly string[])[]) {
  const head = header.some(cell => cell !== '')
    ? html`<thead><tr>${header.map(cell => html`<th scope="col">${cell}</th>`)}</tr></thead>`
    : '';
  const body = rows.map(
    ([
      first = '',
      ...rest
    ]) => html`<tr><th scope="row">${first}</th>${rest.map(cell => html`<td>${cell}</td>`)}</tr>
`,
  );
  return html`<table>${head}<tbody>
${body}</tbody></table>`;
}

function listScores({
  mse,
  rmse,
  mae,
  r2,
}: {
  mse: number;
  rmse: number;
  mae: number;
  r2: number | null;
}): string[] {
  return [mse, rmse, mae, r2].map(formatNumber);
}

function formatNumber(value: number | null): string {
  return value === null ? 'undefined' : String(Number(value.toPrecision(6)));
}

import {html} from 'hono/html';
import type {Guard} from '../access/guard.ts';
import type {Artifact, Scores} from '../artifact/artifact.ts';
import {roundBySpread} from '../model/rounding.ts';
import {formatCurl} from './curl.ts';
import {createOpenLinks, type Html, renderCommand, renderHtmlPage} from './html-page.ts';
import {formatNumber} from './number-text.ts';
import {createPredictRequest, keyPlaceholder} from './predict-request.ts';
import {chooseStep, placeOnStrip} from './strip.ts';

type Feature = Artifact['features'][number];

const levels = [0.5, 0.8, 0.9, 0.95, 0.99];
const usualLevel = 0.95;
/** Above it, what comes after the inputs is out of sight. */
const manyFeatures = 8;

export type PageOptions = {hasCard: boolean; guard?: Guard | undefined};

/** Renders the page of a model; client/page.ts brings it to life. */
export function renderPage(artifact: Artifact, {hasCard, guard}: PageOptions): string {
  const {name, version, features, targets, uncertainty, provenance} = artifact;
  const linkOpen = createOpenLinks(guard);
  const targetNames = listNames(targets.map(target => target.name));
  return renderHtmlPage({
    title: `${name}: predict ${targets.map(target => target.name).join(', ')}`,
    styles: ['page.css'],
    scripts: ['page.js'],
    body: html`<header>
<h1>${name}</h1>
<p class="lead">Predicts ${targetNames} from ${
      features.length > 4 ? `${features.length} features` : listNames(features.map(feature => feature.name))
    }: a linear regression fitted to ${countRows(provenance.split.train)}.</p>
<nav aria-label="This server">
<a href="docs">Documentation</a>${linkOpen('model', 'Model')}${hasCard ? linkOpen('model/card', 'Model card') : ''}${linkOpen('metrics', 'Metrics', 'metrics')}
<a href="openapi.json">OpenAPI</a>${
      features.length > manyFeatures
        ? html` <a href="#command-title">From a shell</a> <a href="#scores-title">How good it is</a>`
        : ''
    }
</nav>
</header>
<main>
<div class="try">
<section class="result${targets.length > 2 ? ' long' : ''}" aria-labelledby="result-title">
<h2 id="result-title" class="ruled">Prediction</h2>
<div role="status" aria-atomic="true">
<dl id="prediction">
${targets.map(
  ({name, unit}) => html`<div class="target"><dt>${name}</dt>
<dd class="value"><data value="">…</data>${renderUnit(unit)}</dd>
<dd class="interval"></dd></div>
`,
)}</dl>
<p id="problem" class="outside" hidden></p>
<ul id="warnings" class="outside" hidden></ul>
</div>
${
  guard?.asksForKey
    ? html`<p class="key"><label for="key">API key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false"></p>`
    : ''
}
<noscript><p>Without scripts this page cannot predict as you type. The command below can, with the address of this
page in place of http://localhost:8000.</p></noscript>
</section>
<form id="inputs" data-version="${version}" aria-labelledby="inputs-title" novalidate autocomplete="off">
<h2 id="inputs-title" class="ruled">${features.length === 1 ? 'Input' : 'Inputs'}</h2>
${features.map(renderFeature)}
<div class="controls">
${
  uncertainty === undefined
    ? html`<p>This model gives no prediction intervals.</p>`
    : html`<p><label for="level">Prediction interval</label>
<select id="level">${levels.map(
        level =>
          html`<option value="${level}"${level === usualLevel ? html` selected` : ''}>${formatNumber(100 * level)} %</option>`,
      )}</select></p>`
}
<button type="reset">Back to the training means</button>
</div>
</form>
</div>
<section aria-labelledby="command-title">
<h2 id="command-title">From a shell</h2>
${renderCommand('curl', renderDefaultCurl(artifact, guard?.asksForKey ?? false))}
</section>
<div class="facts">
<section aria-labelledby="scores-title">
<h2 id="scores-title">How good it is</h2>
${renderScores(artifact)}
</section>
<section aria-labelledby="origin-title">
<h2 id="origin-title">Where it comes from</h2>
${renderOrigin(artifact)}
</section>
</div>
</main>
<footer><p>${name} <code>${version}</code></p></footer>`,
  });
}

/** Renders its input, and a strip that shows where the input lies in the training range. */
function renderFeature(feature: Feature, j: number): Html {
  const {name, unit, min, mean, max} = feature;
  const value = roundBySpread(mean, feature);
  const at = (value: number) => `${placeOnStrip(value, {min, max})}%`;
  return html`<div class="feature" data-name="${name}" data-min="${min}" data-max="${max}">
<div class="about">
<label for="f${j}">${name}${renderUnit(unit)}</label>
<p class="range" id="r${j}">${formatNumber(min, 15)} to ${formatNumber(max, 15)}, mean ${formatNumber(value, 15)}</p>
<p class="side outside" id="s${j}"></p>
</div>
<input id="f${j}" type="number" step="${chooseStep({min, max})}" value="${value}" required${
    min < 0 ? '' : html` inputmode="decimal"`
  } aria-describedby="r${j} s${j}">
<svg class="strip" aria-hidden="true">
<line class="whole" x1="0" x2="100%" y1="50%" y2="50%"/>
<line class="trained" x1="${at(min)}" x2="${at(max)}" y1="50%" y2="50%"/>
${[min, max].map(end => html`<line class="end" x1="${at(end)}" x2="${at(end)}" y1="30%" y2="70%"/>`)}
<line class="mean" x1="${at(mean)}" x2="${at(mean)}" y1="22%" y2="78%"/>
<svg class="here" x="${at(value)}" y="50%"><circle r="7"/><path d="M-5-7 8 0-5 7Z"/></svg>
</svg>
</div>
`;
}

/** Writes the command that stands in the page until its script knows its address and the inputs. */
function renderDefaultCurl({features, uncertainty}: Artifact, asksForKey: boolean): string {
  const inputs = features.map(feature => {
    return {name: feature.name, value: roundBySpread(feature.mean, feature)};
  });
  const level = uncertainty === undefined ? undefined : String(usualLevel);
  const key = asksForKey ? keyPlaceholder : undefined;
  return formatCurl(createPredictRequest('http://localhost:8000/predict', {level, key}, inputs));
}

function renderScores({metrics, targets, provenance}: Artifact): Html {
  const rows = Object.entries(metrics.targets).map(([name, scores]) => {
    return {name, unit: targets.find(target => target.name === name)?.unit ?? null, scores};
  });
  const {split} = provenance;
  return html`<p>On ${countRows(split.test)} that it has not seen in training.</p>
<div class="table" tabindex="0" role="region" aria-label="Scores">
<table>
<thead><tr><th scope="col">Target</th><th scope="col">MSE</th><th scope="col">RMSE</th><th scope="col">MAE</th><th scope="col">R²</th></tr></thead>
<tbody>
${rows.map(({name, unit, scores}) => renderScoreRow(unit === null ? name : `${name}, ${unit}`, scores))}
${rows.length > 1 ? renderScoreRow('Mean', metrics) : ''}
<tr class="baseline"><th scope="row">Always the training mean</th><td>${formatNumber(metrics.baseline.mse, 4)}</td><td></td><td></td><td></td></tr>
</tbody>
</table>
</div>`;
}

function renderScoreRow(name: string, {mse, rmse, mae, r2}: Scores): Html {
  const cells = [mse, rmse, mae, r2].map(
    score => html`<td>${score === null ? 'undefined' : formatNumber(score, 4)}</td>`,
  );
  return html`<tr><th scope="row">${name}</th>${cells}</tr>
`;
}

function renderOrigin({provenance, version}: Artifact): Html {
  const {dataset, split} = provenance;
  const source =
    dataset.url === null
      ? 'a file'
      : /^https?:/.test(dataset.url)
        ? html`<a href="${dataset.url}" rel="noreferrer">${dataset.url}</a>`
        : dataset.url;
  const facts: [string, string | Html][] = [
    ['Data', source],
    ['SHA-256', html`<code>${dataset.sha256}</code>`],
    ['Rows', `${dataset.rows}: ${split.train} to train on, ${split.test} to test on`],
    ['Split', `${formatNumber(100 * split.testSize)} % for testing, seed ${split.seed}`],
    ['Version', html`<code>${version}</code>`],
  ];
  return html`<dl class="origin">
${facts.map(
  ([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>
`,
)}</dl>`;
}

function renderUnit(unit: string | null): Html | string {
  return unit === null ? '' : html`<span class="unit"> ${unit}</span>`;
}

function countRows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

function listNames(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(names);
}

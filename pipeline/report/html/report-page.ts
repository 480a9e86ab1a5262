import {html, raw} from 'hono/html';
import {labelWithUnit} from '../units.ts';
import {renderData} from './data-section.ts';
import type {Html} from './elements.ts';
import {renderFits} from './fit-section.ts';
import {nameOutcome, renderOutcome} from './outcome-section.ts';
import {renderProvenance} from './provenance-section.ts';
import type {ReportFacts} from './report-facts.ts';
import {renderRows} from './rows-section.ts';
import {renderScores} from './scores-section.ts';

/** More features than this are counted, not named, in the first sentence. */
const maxNamed = 8;

/**
 * Renders a model and how it came to stand as one self-contained page without scripts; the same facts give the same
 * bytes.
 *
 * @param style the page's stylesheet.
 */
export function renderReportPage(facts: ReportFacts, style: string): string {
  const {name, version, features, targets, provenance} = facts.artifact;
  const of = targets.map(({name, unit}) => labelWithUnit(name, unit)).join(', ');
  const on =
    features.length > maxNamed ? `${features.length} features` : features.map(({name}) => name).join(', ');
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} ${version}: ${nameOutcome(facts)}</title>
<style>
${raw(style)}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p class="lead">A linear regression of ${of} on ${on}, fitted to ${provenance.split.train} rows. Version <code>${version}</code>.</p>
</header>
<main>
${renderSections(facts)}</main>
<footer>Written by csv-to-server. The numbers are rounded to six digits; metrics.json and model.json have all of them.</footer>
</body>
</html>
`);
}

function renderSections(facts: ReportFacts): Html {
  return html`${[renderOutcome, renderScores, renderFits, renderRows, renderData, renderProvenance].map(render => render(facts))}`;
}

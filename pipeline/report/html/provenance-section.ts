import {html} from 'hono/html';
import {formatNumber} from '../number-text.ts';
import {type Html, renderFacts} from './elements.ts';
import type {ReportFacts} from './report-facts.ts';

/** Renders what it takes to make the same model again, and what was made of it. */
export function renderProvenance({artifact, figures, build, smoke, release}: ReportFacts): Html {
  const {dataset, split, libraries} = artifact.provenance;
  const facts: [string, string | Html][] = [
    ['data', dataset.url ?? 'a local file'],
    ['sha256', html`<code>${dataset.sha256}</code>`],
    [
      'split',
      `${split.train} rows to train on, ${split.test} to test on (test size ${split.testSize}), seed ${split.seed}`,
    ],
    ['model', html`<code>${artifact.version}</code>, format ${artifact.formatVersion}`],
  ];
  const {commit = null} = figures ?? {};
  if (commit !== null) facts.push(['program', html`commit <code>${commit}</code>`]);
  facts.push([
    'versions',
    Object.entries(libraries)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ]);
  if (smoke !== null) {
    const failed = smoke.checks.filter(({passed}) => !passed).map(({name}) => name);
    const count = `${smoke.checks.length - failed.length} of ${smoke.checks.length} checks passed`;
    facts.push(['smoke test', failed.length === 0 ? count : `${count}; failed: ${failed.join(', ')}`]);
  }
  if (build !== null) {
    const {subject} = build;
    facts.push([
      subject.kind === 'image' ? 'image' : 'bundle',
      html`<code>${subject.kind === 'image' ? (build.imageName ?? build.tag) : build.tag}</code> <code>${subject.kind === 'image' ? subject.id : `sha256:${subject.sha256}`}</code>`,
    ]);
    facts.push(['server and model', `${formatNumber(build.layerBytes / 2 ** 20, 3)} MiB`]);
    if (build.base !== null)
      facts.push(['base', html`<code>${build.base.name}</code> <code>${build.base.digest}</code>`]);
  }
  if (release !== null)
    facts.push([
      'release',
      html`<code>${release.ref}</code> <code>${release.digest}</code> in channel <code>${release.channel}</code>`,
    ]);
  return html`<section aria-labelledby="provenance">
<h2 id="provenance" class="ruled">Provenance</h2>
${renderFacts(facts)}
</section>
`;
}

import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {type CoefficientLine, describeFit, describeWorst, listCoefficientLines} from './evaluation-text.ts';
import {codeSpan, escapeMarkdown, renderTable} from './markdown.ts';

const maxCoefficients = 12;
const maxFits = 3;
const maxWorst = 3;

/** Renders the coefficients with their intervals, how well they fit, and the rows that the model is worst at. */
export function renderFit(evaluation: Evaluation): string[] {
  const {targets, degreesOfFreedom} = evaluation.statistics;
  const lines = listCoefficientLines(evaluation);
  const fits = targets
    .slice(0, maxFits)
    .map(target => `${codeSpan(target.target)}: ${describeFit(target, degreesOfFreedom)}`);
  const worst = describeWorst(evaluation, maxWorst).map(escapeMarkdown).join('; ');
  const facts = [...fits, ...(worst === '' ? [] : [`Worst test rows: ${worst}`])].map(line => `- ${line}`);
  return [
    ...(lines.length === 0
      ? []
      : [
          '## Coefficients',
          renderCoefficients(lines.slice(0, maxCoefficients)),
          ...mentionMore(lines.length - maxCoefficients, 'coefficients'),
        ]),
    ...(facts.length > 0 ? [facts.join('\n')] : []),
  ];
}

/** A table of coefficients, with their targets where there are several. */
export function renderCoefficients(lines: readonly CoefficientLine[]): string {
  const several = lines.some(({target}) => target !== lines[0]?.target);
  return renderTable(
    [
      ...(several ? [{name: 'target', align: 'left'} as const] : []),
      {name: 'coefficient', align: 'left'},
      ...['estimate', '95 % interval', 'p', 'vif'].map(name => ({name, align: 'right'}) as const),
    ],
    lines.map(({target, name, estimate, interval, p, inflation}) => [
      ...(several ? [codeSpan(target)] : []),
      name === null ? 'intercept' : codeSpan(name),
      ...[estimate, interval, p, inflation],
    ]),
  );
}

/** Says how many of a list were left out; nothing where none was. */
export function mentionMore(count: number, of: string): string[] {
  return count > 0 ? [`And ${count} more ${of} in \`report.html\`.`] : [];
}

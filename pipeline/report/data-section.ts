import type {Artifact} from '../../serve/artifact/artifact.ts';
import {
  type Block,
  keep,
  left,
  paragraph,
  right,
  type Section,
  showFigure,
  type Table,
  tabulate,
} from './document.ts';
import type {FigureSet} from './figures/figure-set.ts';
import {noFigures} from './fit-section.ts';
import {formatNumber} from './number-text.ts';
import {labelWithUnit} from './units.ts';

/** Says what the rows are like: how many, their ranges and their correlations. */
export function describeData(artifact: Artifact, figures: FigureSet | null | undefined): Section {
  const header = [...left('column', 'as'), ...right('min', 'mean', 'sd', 'max', 'missing')];
  const blocks = figures
    ? [
        {
          type: 'row',
          blocks: keep<Block>(
            {type: 'facts', facts: figures.data.facts},
            showFigure(figures, 'correlations'),
          ),
        } as const,
        tabulate('Columns of numbers', header, figures.data.columns),
      ]
    : [paragraph(noFigures), tabulateFeatures(artifact)];
  return {id: 'data', title: 'Data', extent: 'full', blocks};
}

/** Lists the features as they were in the training rows. */
export function tabulateFeatures({features}: Artifact): Table {
  return tabulate(
    'Features in the training rows',
    [...left('feature'), ...right('min', 'mean', 'standard deviation', 'max')],
    features.map(({name, unit, min, mean, scale, max}) => [
      labelWithUnit(name, unit),
      ...[min, mean, scale, max].map(value => formatNumber(value)),
    ]),
  );
}

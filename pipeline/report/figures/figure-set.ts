import * as z from 'zod';

const count = z.int().nonnegative();

/** A column of numbers over all rows of the data; the numbers are null where every cell is missing. */
export const NumberSummary = z.strictObject({
  type: z.literal('number'),
  name: z.string(),
  unit: z.string().nullable(),
  role: z.enum(['feature', 'target', 'other']),
  missing: count,
  min: z.number().nullable(),
  mean: z.number().nullable(),
  /** Sample standard deviation (divisor n − 1); null for fewer than two numbers. */
  sd: z.number().nullable(),
  max: z.number().nullable(),
});
export type NumberSummary = z.infer<typeof NumberSummary>;

export const CategorySummary = z.strictObject({
  type: z.literal('category'),
  name: z.string(),
  missing: count,
  distinct: count,
  /** The values with the most rows, at most 12. */
  common: z.array(z.strictObject({value: z.string(), rows: count})),
});
export type CategorySummary = z.infer<typeof CategorySummary>;

/** What the rows are like that the model was trained and tested on. */
export const DataSummary = z.strictObject({
  rows: count,
  /** Rows left out because a feature or a target was missing. */
  dropped: count,
  /** Rows that equal an earlier one in every declared column. */
  duplicates: count,
  columns: z.array(z.discriminatedUnion('type', [NumberSummary, CategorySummary])),
});
export type DataSummary = z.infer<typeof DataSummary>;

export const Figure = z.strictObject({
  kind: z.enum([
    'errors',
    'predicted',
    'residuals',
    'distribution',
    'normality',
    'coefficients',
    'correlations',
  ]),
  /** The target it is about; null for all of them. */
  target: z.string().nullable(),
  title: z.string(),
  caption: z.string(),
  /** One `<svg>` element with its alternative text. */
  svg: z.string().regex(/^<svg [\s\S]*<\/svg>$/),
});
export type Figure = z.infer<typeof Figure>;

/** `figures.json`: what a report shows of the data, drawn when they were at hand. */
export const FigureSet = z.strictObject({
  /** The commit of this program that trained and drew, with `-dirty` where it was changed; null outside a checkout. */
  commit: z.string().nullable(),
  data: DataSummary,
  figures: z.array(Figure),
});
export type FigureSet = z.infer<typeof FigureSet>;

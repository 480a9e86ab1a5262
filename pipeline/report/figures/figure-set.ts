import * as z from 'zod';

/** Says what the rows are like that the model was trained and tested on, in words and numbers for people. */
export const DataSummary = z.strictObject({
  facts: z.array(z.strictObject({label: z.string(), text: z.string()})),
  /** Of each column of numbers: name, role, minimum, mean, standard deviation, maximum, missing cells. */
  columns: z.array(z.array(z.string())),
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

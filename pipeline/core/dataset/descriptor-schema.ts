import * as z from 'zod';

// Every schema's error text says what was expected: `listProblems` puts "expected" before it.

const someText = z.string('text').min(1, 'text that is not empty');
const oneCharacter = z.string('one character').regex(/^[\t\x20-\x7e]$/, 'one ASCII character');
const finite = z.number('a number');
const sha256 = z.string('64 hexadecimal digits').regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');

const nameRule = 'a name of lower-case letters and digits, with single . _ or - between them';
/** Name of a dataset, and so of its artifacts and image. */
export const Name = z
  .string(nameRule)
  .max(100, 'a name of at most 100 characters')
  .regex(/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/, nameRule)
  .describe('Names the artifact folder and the image: lower-case letters, digits, and . _ - between them.');

const columnNameRule = 'a column name: text without control characters or outer spaces, and not __proto__';
// metrics are kept in an object by target, and __proto__ is the one key that such an object loses
const ColumnName = z.string(columnNameRule).regex(/^(?!__proto__$)(?!\s)[^\p{Cc}]+(?<!\s)$/u, columnNameRule);

/** Whether a descriptor may declare a column of this name. */
export function isColumnName(name: string): boolean {
  return ColumnName.safeParse(name).success;
}

const Source = z.strictObject(
  {
    url: z
      .url({protocol: /^https?$/, error: 'an http or https address'})
      .optional()
      .describe('Where the file is published (http or https).'),
    file: someText
      .optional()
      .describe("A local file instead of an address; relative to the descriptor's folder."),
    sha256: sha256
      .optional()
      .describe(
        'Hash of the file; other bytes are refused. Left out: any bytes are accepted and their hash recorded.',
      ),
    snapshot: someText
      .optional()
      .describe("A committed copy for when the address fails; relative to the descriptor's folder."),
  },
  'an object',
);

const Format = z.strictObject(
  {
    type: z.enum(['csv', 'parquet', 'json'], '"csv", "parquet" or "json"').default('csv'),
    header: z
      .boolean('true or false')
      .default(true)
      .describe(
        'CSV: the first row holds the column names. Without one, columns are declared in file order.',
      ),
    missing: z
      .array(z.string('text'), 'a list of texts')
      .default([])
      .describe('Texts that mean "no value"; an empty cell always does.'),
    delimiter: oneCharacter.optional().describe('CSV: what separates cells; default ",".'),
    quote: oneCharacter
      .optional()
      .describe("CSV: what encloses cells and is doubled inside them; default '\"'."),
    decimal: z.enum([',', '.'], '"," or "."').optional().describe('CSV: the decimal mark; default ".".'),
    encoding: z
      .enum(['utf-8', 'latin-1'], '"utf-8" or "latin-1"')
      .optional()
      .describe('CSV: default "utf-8".'),
  },
  'an object',
);

const Column = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      name: ColumnName,
      type: z.literal('number'),
      unit: someText.optional(),
      min: finite.optional().describe('Smallest value that is accepted.'),
      max: finite.optional().describe('Largest value that is accepted.'),
    }),
    z.strictObject({
      name: ColumnName,
      type: z.literal('category'),
      values: z
        .array(someText, 'a list of texts')
        .min(1, 'at least one value')
        .optional()
        .describe('The values that are accepted; left out: any.'),
    }),
  ],
  '"type" to be "number" or "category"',
);

const testSizeRule = 'a number over 0 and under 1';
const seedRule = 'a whole number from 0 to 4294967295';
const Split = z.strictObject(
  {
    testSize: z
      .number(testSizeRule)
      .gt(0, testSizeRule)
      .lt(1, testSizeRule)
      .default(0.2)
      .describe('Share of the rows that is held out for testing.'),
    seed: z
      .int(seedRule)
      .min(0, seedRule)
      .max(2 ** 32 - 1, seedRule)
      .default(42)
      .describe('Seed of the shuffle, as random_state of scikit-learn.'),
  },
  'an object',
);

/** The name of a metric; core/gate knows which there are. */
const RuleMetric = someText.clone();
const ChampionMetric = someText.clone();

const Rule = z.strictObject(
  {
    metric: RuleMetric,
    min: finite.optional(),
    max: finite.optional(),
  },
  'an object',
);

const Champion = z.strictObject(
  {
    metric: ChampionMetric,
    maxIncrease: finite
      .min(0, 'a number of at least 0')
      .describe("How much larger than the champion's the metric may be on the same test rows."),
    significant: z
      .boolean('true or false')
      .optional()
      .describe('Reject only when the increase is also statistically significant.'),
  },
  'an object',
);

const Gate = z.strictObject(
  {rules: z.array(Rule, 'a list of rules').default([]), champion: Champion.optional()},
  'an object',
);

const about = (description: string) => someText.optional().describe(description);
const About = z
  .strictObject(
    {
      title: about('What people call the dataset.'),
      description: about('What a row is, and what the columns tell of it.'),
      creators: about('Who collected or published it.'),
      licence: about('Under which the data may be used, such as "CC BY 4.0".'),
      licenceUrl: z.url({protocol: /^https?$/, error: 'an http or https address'}).optional(),
      citation: about('How the dataset wants to be cited.'),
      notes: z
        .array(someText, 'a list of texts')
        .default([])
        .describe('What one must know before relying on the data: known errors, gaps, changes.'),
      intendedUse: about('What the model is for, and for whom.'),
      outOfScope: about('What it must not be used for.'),
      ethics: about('Whom the data or the predictions may touch or harm, and what was done about it.'),
    },
    'an object',
  )
  .describe('For the model card only: changes neither the model nor its version.');

const Features = z.array(someText, 'a list of column names').min(1, 'at least one column name');

/** What a dataset is, where it comes from, what is learnt from it, and what the model must reach. */
export const Descriptor = z
  .strictObject(
    {
      $schema: z.string('text').optional(),
      name: Name,
      about: About.optional(),
      source: Source,
      format: Format.default({type: 'csv', header: true, missing: []}),
      columns: z.array(Column, 'a list of columns').min(2, 'at least one feature and one target column'),
      features: Features,
      targets: Features,
      split: Split.default({testSize: 0.2, seed: 42}),
      gate: Gate.default({rules: []}),
    },
    'an object',
  )
  .meta({title: 'Dataset descriptor'});
export type Descriptor = z.infer<typeof Descriptor>;
export type About = NonNullable<Descriptor['about']>;
export type Source = Descriptor['source'];
export type Column = Descriptor['columns'][number];

/** The keys that each object may have, by the key that holds it. */
export const keysOf: Record<string, string[]> = {
  '': Object.keys(Descriptor.shape),
  about: Object.keys(About.shape),
  source: Object.keys(Source.shape),
  format: Object.keys(Format.shape),
  columns: ['name', 'type', 'unit', 'min', 'max', 'values'],
  split: Object.keys(Split.shape),
  gate: Object.keys(Gate.shape),
  rules: Object.keys(Rule.shape),
  champion: Object.keys(Champion.shape),
};

/**
 * Makes the JSON Schema (draft 7) that editors use; data/dataset.schema.json is its committed copy.
 *
 * @param words what it says of the metric of a gate rule and of the champion's rule.
 */
export function makeJsonSchema(words: {rule: string; champion: string}): unknown {
  return z.toJSONSchema(Descriptor, {
    target: 'draft-7',
    io: 'input',
    override({zodSchema, jsonSchema}) {
      if (zodSchema === RuleMetric) jsonSchema.description = words.rule;
      if (zodSchema === ChampionMetric) jsonSchema.description = words.champion;
    },
  });
}

import {linesType} from '../../serve/rows/lines.ts';
import {csvType} from '../../serve/rows/write-csv.ts';

/** A body that costs a server much more to read than it cost to send. */
export type HostileBody = {name: string; type: string; make: () => string};

/** Just below the default of MAX_BODY_BYTES. */
const size = 10_400_000;
/** For lines that are answered one by one, whose number is not bounded. */
const someLines = 100_000;

/** Fills a body with one part, again and again. */
function fill(part: string, [start, end]: readonly [string, string] = ['', ''], length = size): () => string {
  const times = Math.floor((length - start.length - end.length) / part.length);
  return () => start + part.repeat(times) + end;
}

/** Fills a body with parts that all differ. */
function count(part: (i: number) => string, [start, end]: readonly [string, string]): () => string {
  return () => {
    const parts: string[] = [];
    for (let i = 0, bytes = start.length + end.length; bytes + 40 < size; i++) {
      parts.push(part(i));
      bytes += part(i).length;
    }
    return start + parts.join('') + end;
  };
}

const features = ['{"features":[', '0]}'] as const;
const instances = ['{"instances":[', '0]}'] as const;
const json: Record<string, () => string> = {
  'opening brackets': fill('['),
  'lists in lists': () => '['.repeat(size / 2) + ']'.repeat(size / 2),
  'objects in objects': fill('{"a":'),
  'lists in lists, side by side': fill('[[[[[[[[[[]]]]]]]]]],', features),
  'empty lists': fill('[],', features),
  'empty objects': fill('{},', instances),
  'empty lists, bare': fill('[],', ['[', '0]']),
  'short rows': fill('[0],', features),
  'rows of text': fill('["","",""],', features),
  'unknown keys': count(i => `"k${i}":0,`, ['{', '"features":[1,2,3]}']),
  'unknown keys of a row': count(i => `"k${i}":0,`, ['{"instances":[{', '"a":1}]}']),
  'rows of unknown keys': count(i => `{"k${i}":0,"l${i}":0,"m${i}":0},`, instances),
  'rows of many unknown keys': count(
    i => `{${Array.from({length: 8}, (_, k) => `"k${8 * i + k}":0`).join()}},`,
    instances,
  ),
  'rows of other keys': fill('{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0},', instances),
  'one key again and again': fill('"features":0,', ['{', '"features":[1,2,3]}']),
  'a row of numbers': fill('0,', features),
  'a row of long numbers': fill('0.12345678901234567,', features),
  'a row of nulls': fill('null,', features),
  'a row of empty texts': fill('"",', features),
  'one text': fill('a', ['{"features":"', '"}']),
  'one text of escapes': fill('\\u0001', ['{"features":"', '"}']),
  'one text of quotes': fill('\\"', ['{"features":"', '"}']),
  'one text that is not Latin': fill('a', ['{"features":"', '☃"}']),
  'no text, and not Latin': fill('a', ['', '☃']),
  snowmen: fill('☃', ['', ''], size / 3),
  'one key': fill('a', ['{"', '":0}']),
  'one number': fill('1', ['{"features":[', ']}']),
  'one number of zeros': fill('0', ['{"features":[0.', ']}']),
  'nothing but space': fill(' '),
  'space before rows': fill(' ', ['', '{"features":[1,2]}']),
  quotes: fill('"'),
  commas: fill(','),
  colons: fill(':'),
  'bytes of zero': fill('\0'),
  'a tensor of numbers': fill('0,', [
    '{"inputs":[{"name":"x","datatype":"FP64","shape":[1733331,3],"data":[',
    '0]}]}',
  ]),
  'a tensor of rows': fill('[0],', [
    '{"inputs":[{"name":"x","datatype":"FP64","shape":[2599980,1],"data":[',
    '[0]]}]}',
  ]),
  'a shape of numbers': fill('1,', [
    '{"inputs":[{"name":"x","datatype":"FP64","shape":[',
    '1],"data":[1]}]}',
  ]),
  tensors: fill('{"name":"x"},', ['{"inputs":[', '0]}']),
  'names of columns': fill('"a",', ['{"dataframe_split":{"columns":[', '"a"],"data":[[1]]}}']),
  'an index': fill('0,', ['{"dataframe_split":{"data":[[1,2,3]],"index":[', '0]}}']),
  columns: count(i => `"k${i}":[0],`, ['{"inputs":{', '"a":[0]}}']),
  'options in options': fill('{"a":[', ['{"instances":[[1,2,3]],"params":', '']),
  options: count(i => `"k${i}":0,`, ['{"instances":[[1,2,3]],"params":{', '"a":0}}']),
  'a list that does not end': fill('[1,2,3],', ['{"features":[', '']),
};
const names = 'sepal_length,sepal_width,petal_width\n';
const csv: Record<string, () => string> = {
  commas: fill(','),
  newlines: fill('\n'),
  'carriage returns': fill('\r'),
  quotes: fill('"'),
  'quotes after a text': fill('"', ['a', '']),
  'quoted texts': fill('"",'),
  'one quoted text': fill('a', ['"', '"']),
  'one text': fill('a'),
  'one number': fill('1'),
  'one line of numbers': fill('1,'),
  blanks: fill(' '),
  'a blank a line': fill(' \n'),
  'a comma a line': fill(',\n'),
  'a number a line': fill('1\n'),
  'a text a line': fill('a\n', [names, '']),
  'wrong cells': fill('a,b,c\n', [names, '']),
  'too many rows': fill('1,2,3\n', [names, '']),
  'commas after names': fill(',', [names, '']),
  'newlines after names': fill('\n', [names, '1,2,3\n']),
  'newlines in a quoted text': fill('\n', ['"', '"']),
  'empty lines between rows': fill('1,2,3\n\n'),
  'names that do not end': count(i => `n${i},`, ['', '\n1,2,3\n']),
};
const lines: Record<string, () => string> = {
  'opening brackets': fill('['),
  'long lines of opening brackets': fill(`${'['.repeat(1_000_000)}\n`),
  'long lines of empty lists': fill(`[${'[],'.repeat(330_000)}0]\n`),
  'long lines of numbers': fill(`[${'0,'.repeat(500_000)}0]\n`),
  'long lines of unknown keys': () =>
    fill(`{${Array.from({length: 80_000}, (_, i) => `"k${i}":0,`).join('')}"a":0}\n`)(),
  newlines: fill('\n', ['', ''], 10 * someLines),
  'a digit a line': fill('1\n', ['', ''], someLines),
  'a bracket a line': fill('[\n', ['', ''], someLines),
  'an empty list a line': fill('[]\n', ['', ''], someLines),
  'one text': fill('a', ['"', '"']),
};

/** Bodies that a server must refuse, or answer line by line, at a bounded cost. */
export const hostileBodies: readonly HostileBody[] = [
  ...list('JSON', 'application/json', json),
  ...list('CSV', csvType, csv),
  ...list('lines', linesType, lines),
];

/** Parts that bodies are made of at random. */
export const hostileParts = {
  starts: [
    ...features,
    ...instances,
    names,
    '{"inputs":[',
    '{"inputs":[{"data":[',
    '{"a":',
    '[',
    '"',
    '1',
    ']}',
  ],
  fillings: [
    ...[
      '[',
      ']',
      '{',
      '}',
      '[],',
      '{},',
      '0,',
      '[0],',
      '[1,2,3],',
      '"a",',
      '"a":0,',
      '{"a":',
      '{"a":[',
      '"',
      '\\',
    ],
    ...[
      '\\u0000',
      ',',
      ':',
      ' ',
      '\n',
      '\r',
      '\t',
      '1',
      '-',
      'e',
      '.',
      'null',
      'true,',
      '☃',
      '\0',
      '1,2,3\n',
      ',\n',
      '""',
    ],
  ],
};

function list(kind: string, type: string, bodies: Record<string, () => string>): HostileBody[] {
  return Object.entries(bodies).map(([name, make]) => ({name: `${kind}: ${name}`, type, make}));
}

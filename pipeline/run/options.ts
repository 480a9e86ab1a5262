import {Command, CommanderError, Option} from 'commander';
import {Failure} from '../core/failure.ts';
import {type CommandName, commandTable} from './command-table.ts';
import {describeUse} from './help.ts';
import {
  collect,
  collectList,
  parseName,
  parseNumber,
  parseReason,
  parseRelease,
  parseTexts,
  parseTime,
} from './option-values.ts';

/** What the command line says, checked as far as it can be without reading a file. */
export interface Options {
  command: CommandName;
  dataset: string;
  /** File or address of a CSV that comes without a descriptor. */
  csv?: string;
  target?: string[];
  features?: string[];
  name?: string;
  missing?: string[];
  dropMissing: boolean;
  testSize?: number;
  seed?: number;
  maxMse?: number;
  minR2?: number;
  artifacts: string;
  version?: string;
  /** Tag of a release, or `previous`. */
  to?: string;
  /** Why a channel is moved. */
  reason?: string;
  /** The time that a history is asked about. */
  at?: Date;
  json: boolean;
}

export type Invocation = {kind: 'run'; options: Options} | {kind: 'help'; text: string};

/**
 * Parses the arguments behind the program's name.
 *
 * @throws Failure of kind `usage`, with the nearest command or option where one was misspelt.
 */
export function parseArguments(args: readonly string[]): Invocation {
  let parsed: {command: string; values: Record<string, unknown>} | undefined;
  let help = '';
  const program = new Command('csv-to-server')
    .description('From a CSV to a promoted model server.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({writeOut: text => (help += text), writeErr: () => {}});
  for (const name of Object.keys(commandTable) as CommandName[]) {
    const command = program.command(name).description(commandTable[name].about).allowExcessArguments(false);
    for (const option of listOptions(name)) command.addOption(option);
    command.addHelpText('after', `\n${describeUse(name)}`);
    command.action(values => {
      parsed = {command: name, values};
    });
  }
  try {
    program.parse(args, {from: 'user'});
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return {kind: 'help', text: help};
    const message =
      help !== '' || args.length === 0 ? 'No command was given.' : error.message.replace(/^error: /, '');
    throw usageFailure(message, args[0]);
  }
  const options = {command: parsed?.command, ...parsed?.values} as Options;
  checkCombinations(options);
  return {kind: 'run', options};
}

function listOptions(command: string): Option[] {
  const isOneOf = (...names: CommandName[]) => names.some(name => name === command);
  // the gate scores the champion on the test rows, and so reads the data again
  const learns = isOneOf('pipeline', 'fetch', 'train', 'gate');
  const takesVersion = isOneOf('build', 'smoke', 'gate', 'push', 'serve');
  const judges = isOneOf('pipeline', 'train', 'gate');
  return [
    new Option('--dataset <file>', 'dataset descriptor').default('data/iris.json'),
    new Option(
      '--name <name>',
      'name of artifacts and image (default: the dataset’s, or the CSV file’s)',
    ).argParser(parseName),
    new Option('--csv <file|url>', 'a CSV with a header, instead of a descriptor').conflicts('dataset'),
    new Option('--artifacts <dir>', 'where artifacts are kept').default('artifacts'),
    new Option('--json', 'print exactly one JSON object to stdout').default(false),
    ...(learns
      ? [
          new Option('--target <column>', 'with --csv: what to predict; repeatable').argParser(collect),
          new Option(
            '--features <a,b,c>',
            'with --csv: what to predict from, a name with a comma in double quotes; repeatable (default: every other numeric column)',
          ).argParser(collectList),
          new Option('--missing <texts>', 'texts that mean “no value”, separated by commas').argParser(
            parseTexts,
          ),
          new Option('--drop-missing', 'leave out rows with a missing cell').default(false),
          new Option(
            '--test-size <share>',
            'share of the rows held out for testing (default: 0.2)',
          ).argParser(parseNumber('a number over 0 and under 1', n => n > 0 && n < 1)),
          new Option('--seed <integer>', 'seed of the shuffle (default: 42)').argParser(
            parseNumber(
              'a whole number from 0 to 4294967295',
              n => Number.isInteger(n) && n >= 0 && n < 2 ** 32,
            ),
          ),
        ]
      : []),
    ...(takesVersion
      ? [new Option('--version <version>', 'the artifact to work on (default: the one trained last)')]
      : []),
    ...(command === 'rollback'
      ? [
          new Option('--to <tag>', 'the release to go back to: a tag or digest from history, or previous')
            .argParser(parseRelease)
            .makeOptionMandatory(),
          new Option('--reason <text>', 'why, for the channel’s log').argParser(parseReason),
        ]
      : []),
    ...(command === 'history'
      ? [
          new Option(
            '--at <date>',
            'what the channel held then: 2026-05-03, or with a time in UTC',
          ).argParser(parseTime),
        ]
      : []),
    ...(judges
      ? [
          new Option('--max-mse <mse>', 'gate: the largest mse that passes').argParser(
            parseNumber('a number of at least 0', n => n >= 0),
          ),
          new Option('--min-r2 <r2>', 'gate: the smallest r2 that passes').argParser(
            parseNumber('a number of at most 1', n => n <= 1),
          ),
        ]
      : []),
  ];
}

function checkCombinations({command, csv, target, features}: Options): void {
  const learns = ['pipeline', 'fetch', 'train', 'gate'].includes(command);
  if (csv !== undefined && learns && target === undefined) {
    throw usageFailure('--csv needs --target: the column to predict.', command);
  }
  const strays = {target, features};
  for (const [name, value] of Object.entries(strays)) {
    if (csv === undefined && value !== undefined) {
      throw usageFailure(`--${name} goes with --csv; a descriptor (--dataset) says it itself.`, command);
    }
  }
}

function usageFailure(message: string, command: string | undefined): Failure {
  const known = command !== undefined && command in commandTable ? `${command} -- ` : 'pipeline -- ';
  return new Failure('usage', {
    code: 'BAD_ARGUMENTS',
    message,
    fix: `npm run ${known}--help lists what there is.`,
  });
}

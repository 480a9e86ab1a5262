import {DockerfileParser, type Instruction, ModifiableInstruction} from 'dockerfile-ast';
import * as z from 'zod';
import {Failure} from '../failure.ts';

/** What the Dockerfile says of an image: a base, what is copied onto it, how it starts and what it is for. */
export interface Recipe {
  /** The image that it builds on. */
  base: string;
  copies: {sources: string[]; to: string}[];
  entrypoint: string[];
  user: string;
  /** `NAME=value`, beside what the base sets. */
  env: string[];
  /** `8000/tcp` */
  ports: string[];
  /** As an image's configuration has it, times in ns. */
  healthcheck: {Test: string[]; [time: string]: string[] | number};
}

const list = z.array(z.string()).min(1);
const carriedOut = ['ARG', 'FROM', 'COPY', 'ENV', 'EXPOSE', 'USER', 'HEALTHCHECK', 'ENTRYPOINT'];

/**
 * Reads the recipe of an image from the text of its Dockerfile, whose instructions run nothing: so it can be carried
 * out without an engine, and gives the same image everywhere.
 *
 * @param given values of build arguments, which replace the defaults that ARG gives them.
 * @throws Failure of kind `usage` that names the line of what would not be carried out, and why.
 */
export function readRecipe(dockerfile: string, given: Readonly<Record<string, string>> = {}): Recipe {
  const instructions = DockerfileParser.parse(dockerfile).getInstructions();
  for (const instruction of instructions) {
    const keyword = instruction.getKeyword();
    if (!carriedOut.includes(keyword))
      throw refuse(instruction, `${keyword} is none of ${carriedOut.join(', ')}`);
  }
  const all = (keyword: string) => instructions.filter(instruction => instruction.getKeyword() === keyword);
  const one = (keyword: string): Instruction => {
    const [first, second] = all(keyword);
    if (second !== undefined) throw refuse(second, `a second ${keyword}`);
    if (first !== undefined) return first;
    throw new Failure('usage', {
      code: 'DOCKERFILE_UNSUPPORTED',
      message: `Dockerfile: expected one ${keyword}, found none.`,
      fix: `Write it: ${keyword} …`,
    });
  };
  return {
    base: fillIn(one('FROM'), readDefaults(all('ARG'), given)),
    copies: all('COPY').map(readCopy),
    entrypoint: readList(one('ENTRYPOINT')),
    user: readPlain(one('USER')),
    env: all('ENV').flatMap(readVariables),
    ports: readPlain(one('EXPOSE'))
      .split(/\s+/)
      .map(port => (port.includes('/') ? port : `${port}/tcp`)),
    healthcheck: readHealthcheck(one('HEALTHCHECK')),
  };
}

function refuse(instruction: Instruction, why: string): Failure {
  const line = instruction.getRange().start.line + 1;
  return new Failure('usage', {
    code: 'DOCKERFILE_UNSUPPORTED',
    message: `Dockerfile:${line}: ${why}, and is not carried out: an image is a base and one layer of files, and building it runs nothing.`,
    fix: 'Take it out. What has to run belongs into the base, which BASE_IMAGE names.',
  });
}

function readDefaults(args: Instruction[], given: Readonly<Record<string, string>>): Map<string, string> {
  const pairs = args.map(argument => {
    const [, name = '', value = ''] = /^(\w+)(?:=(\S*))?$/.exec(readText(argument)) ?? [];
    if (name === '') throw refuse(argument, 'an ARG of another form than NAME=value');
    return [name, given[name] ?? value] as const;
  });
  return new Map(pairs);
}

function fillIn(from: Instruction, values: ReadonlyMap<string, string>): string {
  const text = readText(from).replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, plain) => {
    const value = values.get(braced ?? plain);
    if (value === undefined || value === '') throw refuse(from, `FROM an ARG without a value`);
    return value;
  });
  if (!/^[^\s$]+$/.test(text)) throw refuse(from, `FROM ${text}`);
  return text;
}

function readCopy(copy: Instruction): Recipe['copies'][number] {
  if (copy instanceof ModifiableInstruction && copy.getFlags().length > 0)
    throw refuse(copy, 'COPY with a flag');
  const words = readPlain(copy).split(/\s+/);
  const to = words.pop() ?? '';
  if (words.length === 0 || !/^\/(?:[\w.-]+\/)+$/.test(to))
    throw refuse(copy, 'COPY to another place than a folder such as /app/');
  return {sources: words, to};
}

function readVariables(env: Instruction): string[] {
  return readPlain(env)
    .split(/\s+/)
    .map(pair => {
      if (!/^\w+=[^"'\\]*$/.test(pair))
        throw refuse(env, 'ENV of another form than NAME=value without quotes');
      return pair;
    });
}

const healthFlags: Record<string, string> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
};

function readHealthcheck(check: Instruction): Recipe['healthcheck'] {
  const flags = check instanceof ModifiableInstruction ? check.getFlags() : [];
  const times = flags.map(flag => {
    const name = healthFlags[flag.getName()];
    const [, seconds] = /^(\d+)s$/.exec(flag.getValue() ?? '') ?? [];
    if (name === undefined || seconds === undefined)
      throw refuse(check, `HEALTHCHECK --${flag.getName()}=${flag.getValue()}`);
    return [name, Number(seconds) * 1e9] as const;
  });
  // the order in which docker writes them
  const sorted = Object.values(healthFlags).flatMap(name => times.filter(([known]) => known === name));
  return {Test: ['CMD', ...readList(check)], ...Object.fromEntries(sorted)};
}

/** The list of an instruction in JSON, `ENTRYPOINT ["/bin/x"]`; the other form starts a shell. */
function readList(instruction: Instruction): string[] {
  const text = readText(instruction);
  try {
    return list.parse(JSON.parse(text.slice(text.indexOf('['))));
  } catch {
    throw refuse(instruction, `${instruction.getKeyword()} in another form than ["a", "b"]`);
  }
}

/** Arguments in which no variable stands. */
function readPlain(instruction: Instruction): string {
  const text = readText(instruction);
  if (text.includes('$')) throw refuse(instruction, `${instruction.getKeyword()} with a variable`);
  return text;
}

function readText(instruction: Instruction): string {
  return instruction.getArgumentsContent()?.trim() ?? '';
}

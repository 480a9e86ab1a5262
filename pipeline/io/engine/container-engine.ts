import {Failure} from '../../core/failure.ts';
import type {Platform} from '../../core/release/base.ts';
import type {Subject} from '../../core/release/evidence.ts';
import type {Client, Differences} from './client.ts';
import {answerTimeoutMs, createCommand, quoteEnd} from './command.ts';
import {startContainer} from './container.ts';
import type {Engine, ProgramEnv} from './engine.ts';
import {findHeldImage, inspectImage, tagImage} from './images.ts';
import {listLeftContainers, removeLeftContainers, removeLeftFolders} from './left-behind.ts';
import {loadImage} from './load.ts';

/**
 * Connects a container engine by its command line.
 *
 * @returns why it does not answer, as half a sentence.
 */
export async function connectContainerEngine(
  env: ProgramEnv,
  note: (text: string) => void,
  differences: Differences,
): Promise<Engine | string> {
  const client = {...differences, run: createCommand(env)};
  const {program, versionCommand, run} = client;
  const [output, left] = await Promise.all([
    run({timeoutMs: answerTimeoutMs})`${program} ${versionCommand}`,
    listLeftContainers(client),
  ]);
  const [version = '', os, architecture] = output.stdout.trim().split(' ');
  if (output.exitCode === 127) return `${program} is not installed`;
  if (output.problem !== undefined) return `${program}: ${output.problem}`;
  if (output.exitCode !== 0 || version === '')
    return `${program} is installed but does not answer: ${quoteEnd(output, 1)}`;
  if (os === undefined || architecture === undefined)
    return `${program} does not say what it runs images for: expected version, system and processor, found ${JSON.stringify(output.stdout.trim().slice(0, 200))}`;
  await removeLeftContainers(client, left, note);
  await removeLeftFolders(note);
  return createContainerEngine(client, version, {os, architecture});
}

function createContainerEngine(client: Client, version: string, platform: Platform): Engine {
  const name = client.program;
  return {
    name,
    version,
    platform,
    findBase: (reference, signal) => findHeldImage(client, reference, signal),
    async load(image, signal) {
      const {id, sizeBytes} = await loadImage(client, image, signal);
      return {id, sizeBytes};
    },
    findDigest: async subject =>
      subject.kind === 'image' ? (await inspectImage(client, subject.id))?.id : undefined,
    async start(subject, {imageName, env, signal}) {
      const repository = imageName?.replace(/[:@][^/]*$/, '').replace(/^.*\//, '');
      return startContainer(client, requireImage(subject), {
        name: `smoke-${repository ?? 'image'}`,
        env,
        signal,
      });
    },
    async keep(subject, {imageName, tag, channel}) {
      const id = requireImage(subject);
      const ref = `${imageName}:${channel}`;
      await tagImage(client, id, `${imageName}:${tag}`);
      await tagImage(client, id, ref);
      const found = await inspectImage(client, ref);
      if (found?.id === id) return {store: 'engine', ref, digest: id};
      throw new Failure('engine', {
        code: 'CHANNEL_MISMATCH',
        message: `${name} was told that ${ref} is ${id}, and says that it is ${found?.id ?? 'nothing'}.`,
        fix: 'Another run moved it at the same time: run this one again.',
      });
    },
  };
}

function requireImage(subject: Subject): string {
  if (subject.kind === 'image') return subject.id;
  throw new Error('a container engine was given a subject that is no image');
}

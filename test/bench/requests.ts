import {readIrisMeasurements} from '../helpers/iris-rows.ts';
import {type ServerCommand, withServer} from './server.ts';

/** Rows of the iris model's features, the 150 flowers over and over. */
export function repeatIrises(count: number): number[][] {
  const flowers = readIrisMeasurements().map(([length = 0, width = 0, , petalWidth = 0]) => [
    length,
    width,
    petalWidth,
  ]);
  return Array.from({length: count}, (_, i) => flowers[i % flowers.length] ?? []);
}

/** The body of a request to predict rows, as every contender takes it. */
export function formatBody(features: number[][]): string {
  return JSON.stringify({features});
}

/**
 * Asks all servers for the same predictions, so that nobody wins by being wrong.
 *
 * @throws when one differs from the first server's by more than 1e-12, relative to the larger of it and 1.
 */
export async function checkAgreement(commands: readonly ServerCommand[], body: string): Promise<void> {
  let expected: number[] | undefined;
  for (const command of commands) {
    const found = await withServer(command, ({url}) => askPredictions(url, body));
    expected ??= found;
    const wrong = expected.findIndex((value, i) => {
      return !(Math.abs(value - (found[i] ?? Number.NaN)) <= 1e-12 * Math.max(1, Math.abs(value)));
    });
    if (wrong !== -1 || found.length !== expected.length) {
      throw new Error(
        `${command.title} answers ${found.length} predictions, ${commands[0]?.title} ${expected.length}; they differ in row ${wrong}: ${found[wrong]} and ${expected[wrong]}`,
      );
    }
  }
}

/** Sends a body to `/predict`; throws when the answer is not a 200. */
export async function askPredictions(url: string, body: string): Promise<number[]> {
  const headers = {'content-type': 'application/json'};
  const answer = await fetch(`${url}/predict`, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(30_000),
  });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  const {prediction}: {prediction: number[]} = JSON.parse(await answer.text());
  return prediction;
}

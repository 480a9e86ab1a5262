import {describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {createPredictor} from '../../../serve/rows/predictor.ts';
import {createListPaths} from '../../../serve/rows/read-rows.ts';
import {planeArtifact, uncertainPlaneContent} from '../../helpers/server-artifact.ts';

const plane = planeArtifact();
const uncertainPlane = sealArtifact(uncertainPlaneContent()).artifact;

function ask(rows: number[][], level?: number, predictor = createPredictor(plane)) {
  return predictor.predict({status: 'read', rows, ...createListPaths(i => `features[${i}]`)}, level);
}

describe('a prediction', () => {
  // y = 2a + 3b + 5, trained on a from 0 to 2 m and b from 0 to 4
  test('has no warnings and no interval for rows in the training range', () => {
    expect(ask([[0, 4]])).toEqual({
      status: 'predicted',
      values: [17],
      interval: undefined,
      warnings: [],
      outOfRange: 0,
    });
  });

  test('names the inputs outside the training range, and is made all the same', () => {
    expect(
      ask([
        [1, 1],
        [-1, 5],
      ]),
    ).toMatchObject({
      values: [10, 18],
      warnings: [
        {path: 'features[1][0]', message: 'a is below its training range, 0 to 2 m'},
        {path: 'features[1][1]', message: 'b is above its training range, 0 to 4'},
      ],
    });
  });

  test('lists the first 20 of many such inputs, and says how many there are', () => {
    const answer = ask(Array.from({length: 30}, () => [9, 1]));
    const warnings = 'warnings' in answer ? answer.warnings : [];
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toEqual({
      path: 'features',
      message: '30 values are outside the training range; the first 20 are listed',
    });
  });

  test('counts rows and inputs out of range for the metrics, but not of what was refused', () => {
    const predictor = createPredictor(plane);
    ask(
      [
        [1, 1],
        [9, 9],
        [1, 9],
      ],
      undefined,
      predictor,
    );
    ask([[1e308, 1e308]], undefined, predictor);
    expect(predictor.tally).toEqual({rows: 3, ignored: 0, outOfRange: [1, 2]});
  });

  // see uncertainPlaneContent: at a = 1.5, b = 3 the leverage is 1/4 + 1/4 + 1/4
  test('has the interval of the level that was asked for', () => {
    const answer = ask([[1.5, 3]], 0.95, createPredictor(uncertainPlane));
    const half = 12.706204736174694 * 0.5 * Math.sqrt(1.75);
    expect(answer).toMatchObject({
      values: [17],
      interval: {level: 0.95, lower: [expect.closeTo(17 - half, 9)], upper: [expect.closeTo(17 + half, 9)]},
    });
  });

  test('is refused with an interval where the model has none', () => {
    expect(ask([[1, 1]], 0.95)).toMatchObject({
      status: 400,
      problem: {
        message:
          'This model has no prediction intervals: it was trained on as many rows as it has coefficients. Ask without "interval".',
      },
    });
  });

  test.each([undefined, 0.95])('that no double can hold is refused with the row (level %j)', level => {
    expect(
      ask(
        [
          [1, 1],
          [1e308, 1e308],
        ],
        level,
        createPredictor(uncertainPlane),
      ),
    ).toMatchObject({
      status: 400,
      problem: {
        code: 'invalid_input',
        fields: [
          {
            path: 'features[1]',
            message: 'expected smaller numbers: the prediction is too large for a double',
          },
        ],
      },
    });
  });
});

import {describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {roundBySpread} from '../../../serve/model/rounding.ts';
import {yearContent} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

describe('rounding a value of a feature', () => {
  test.each([
    // years of sale: far from zero, and close to one another
    [2007.7889, {scale: 1.3285, min: 2006, max: 2010}, 2007.79],
    [3.057_333, {scale: 0.434_4, min: 2, max: 4.4}, 3.057],
    [1_600_000_123.456, {scale: 0.02, min: 1.6e9, max: 1.7e9}, 1_600_000_123.456],
    [-1.234_56e-7, {scale: 8e-8, min: -2e-7, max: 1e-7}, -1.235e-7],
    [123_456, {scale: 54_321, min: 0, max: 1e6}, 123_500],
    [0.001, {scale: 1000, min: -5000, max: 5000}, 0],
    [0, {scale: 1, min: -1, max: 1}, 0],
  ])('gives for %d, spread as %o, the number %d', (value, column, rounded) => {
    expect(roundBySpread(value, column)).toBe(rounded);
  });

  test('keeps it within the training range', () => {
    expect(roundBySpread(4.3996, {scale: 0.2, min: 4, max: 4.3998})).toBe(4.3996);
    expect(roundBySpread(0.001, {scale: 1000, min: 0.0005, max: 5000})).toBe(0.001);
  });

  test('keeps it where the spread is no number to round by', () => {
    expect(roundBySpread(1.2345, {scale: 0, min: 1, max: 2})).toBe(1.2345);
  });
});

test('the examples of the documentation predict what the means predict', async () => {
  const {app, post} = createTestApp(sealArtifact(yearContent()).artifact);
  const document = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<string, {post: {requestBody: {content: Record<string, {examples: object}>}}}>;
  };
  const {examples} = document.paths['/predict']?.post.requestBody.content['application/json'] ?? {};
  const {features} = examples as {features: {value: {features: number[][]}}};
  const {prediction} = (await (await post('/predict', features.value)).json()) as {prediction: number[]};
  // 180,000 at the mean, 10,000 more for each year
  expect(prediction[0]).toBeCloseTo(180_000, -2);
  expect(prediction[1]).toBeCloseTo(180_000 + 13_300, -2);
});

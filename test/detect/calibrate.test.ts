import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pValue, pValueGraph, thresholdFor } from '../../src/detect/calibrate.ts';
import { input } from '../../src/graph/operations.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

const calibration = Float32Array.of(1, 2, 2, 3, 5, 8, 13, 21, 34); // n = 9

test('p-values count calibration scores at least as high', () => {
  assert.equal(pValue(0, calibration), 1);
  assert.equal(pValue(2, calibration), 9 / 10);
  assert.equal(pValue(2.5, calibration), 7 / 10);
  assert.equal(pValue(34, calibration), 2 / 10);
  assert.equal(pValue(35, calibration), 1 / 10);
});

test('the p-value of the graph is that of the formula', async () => {
  const scores = Float32Array.of(0, 1, 2, 2.5, 8, 34, 35);
  const x = input('x', ['batch']);
  const { p } = await evaluateGraph(
    { p: pValueGraph(x, calibration) },
    { x: { values: scores, shape: [scores.length] } },
    scores.length,
  );
  assert.deepEqual(
    Array.from(p, (value) => value.toFixed(6)),
    Array.from(scores, (score) => pValue(score, calibration).toFixed(6)),
  );
});

test('a score is above the threshold exactly where its p-value is at most the rate', () => {
  for (const rate of [0.1, 0.2, 0.25, 0.5, 0.9]) {
    const limit = thresholdFor(rate, calibration);
    for (const score of [0, 1, 1.5, 2, 3, 5, 8, 13, 20, 21, 34, 40]) {
      assert.equal(score > limit, pValue(score, calibration) <= rate, `score ${score} at rate ${rate}`);
    }
  }
});

test('the promised false-alarm rate holds on fresh rows, within its binomial 99 % interval', () => {
  const random = createRandom('promise');
  const held = Float32Array.from({ length: 999 }, () => random.normal()).sort();
  const limit = thresholdFor(0.05, held);
  const fresh = 20_000;
  let alarms = 0;
  for (let i = 0; i < fresh; i++) if (random.normal() > limit) alarms++;
  // The rate given the calibration rows is itself Beta(50, 950): both sources of chance count.
  const deviation = Math.sqrt((0.05 * 0.95) / fresh + (0.05 * 0.95) / 1001);
  assert.ok(Math.abs(alarms / fresh - 0.05) < 2.58 * deviation, `measured ${alarms / fresh}`);
});

test('a rate that so few rows cannot promise is refused with the way out', () => {
  assert.throws(
    () => thresholdFor(0.01, calibration),
    /needs at least 99 calibration rows, this detector has 9/,
  );
  assert.throws(() => thresholdFor(0, calibration), /lies between 0 and 1, got 0/);
  assert.throws(() => thresholdFor(Number.NaN, calibration), /lies between 0 and 1/);
});

// Losses against closed forms in double precision.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/graph/gradients.ts';
import { input, reduceSum } from '../../src/graph/operations.ts';
import {
  binaryCrossEntropy,
  gaussianKl,
  gaussianNegativeLogLikelihood,
  sumPerRow,
} from '../../src/nn/losses.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

const feed = (values: readonly number[]) => ({ values, shape: [values.length] });
const float32Error = 2e-6;

/** |actual - expected| relative to the larger of 1 and |expected|. */
function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = float32Error): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    const error = Math.abs(actual[i]! - value) / Math.max(1, Math.abs(value));
    assert.ok(error <= tolerance, `[${i}]: ${actual[i]}, expected ${value}`);
  }
}

test('binary cross-entropy of moderate logits', async () => {
  const logits = [-8, -3, -0.5, 0, 0.1, 2, 7];
  const targets = [0, 1, 0.3, 0.5, 1, 0.9, 0];
  const loss = binaryCrossEntropy(input('l', [7]), input('x', [7]));
  const result = await evaluateGraph({ loss }, { l: feed(logits), x: feed(targets) });
  const expected = logits.map((logit, i) => {
    const p = 1 / (1 + Math.exp(-logit));
    return -(targets[i]! * Math.log(p) + (1 - targets[i]!) * Math.log(1 - p));
  });
  assertClose(result.loss, expected);
});

test('binary cross-entropy of extreme logits neither overflows nor loses its slope', async () => {
  const logits = [1e4, 1e4, -1e4, -1e4, 1e30, -1e30, 100, -100];
  const targets = [1, 0, 1, 0, 1, 0, 0, 1];
  const [l, x] = [input('l', [8]), input('x', [8])];
  const loss = binaryCrossEntropy(l, x);
  const [slope] = gradients(reduceSum(loss), [l]);
  const result = await evaluateGraph({ loss, slope: slope! }, { l: feed(logits), x: feed(targets) });
  assertClose(result.loss, [0, 1e4, 1e4, 0, 0, 0, 100, 100]);
  assertClose(result.slope, [0, 1, -1, 0, 0, 0, 1, -1]);
});

test('Gaussian negative log-likelihood', async () => {
  const [x, mean, logVar] = [
    [0, 1, -2, 0.5],
    [0, 0.5, 3, 0.5],
    [0, -2, 1.5, -6],
  ] as const;
  const loss = gaussianNegativeLogLikelihood(input('x', [4]), input('m', [4]), input('v', [4]));
  const result = await evaluateGraph({ loss }, { x: feed(x), m: feed(mean), v: feed(logVar) });
  const expected = x.map((value, i) => {
    const variance = Math.exp(logVar[i]!);
    const density = Math.exp(-((value - mean[i]!) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    return -Math.log(density);
  });
  assertClose(result.loss, expected);
});

test('KL of a Gaussian from the standard normal: zero at itself, else its integral', async () => {
  const [mean, logVar] = [
    [0, 1, -0.7, 2],
    [0, 0, -1.5, 1],
  ] as const;
  const kl = gaussianKl(input('m', [4]), input('v', [4]));
  const result = await evaluateGraph({ kl }, { m: feed(mean), v: feed(logVar) });
  // Integral of q log(q / p) by the trapezoidal rule, which converges fast for Gaussians.
  const expected = mean.map((m, i) => {
    const deviation = Math.exp(logVar[i]! / 2);
    let sum = 0;
    const step = deviation / 20;
    for (let z = m - 12 * deviation; z <= m + 12 * deviation; z += step) {
      const q = Math.exp(-(((z - m) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
      const logRatio = -(((z - m) / deviation) ** 2) / 2 - Math.log(deviation) + z ** 2 / 2;
      sum += q * logRatio * step;
    }
    return sum;
  });
  assertClose(result.kl, expected);
});

test('sumPerRow leaves the first axis', async () => {
  const random = createRandom('rows');
  const values = Array.from({ length: 24 }, () => random.uniform());
  const x = input('x', ['batch', 3, 4]);
  const sums = sumPerRow(x);
  assert.deepEqual(sums.shape, ['batch']);
  const result = await evaluateGraph({ sums }, { x: { values, shape: [2, 3, 4] } }, 2);
  assertClose(
    result.sums,
    [0, 12].map((start) => values.slice(start, start + 12).reduce((sum, v) => sum + v, 0)),
  );
});

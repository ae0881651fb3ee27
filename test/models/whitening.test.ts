// Principal whitening: training rows of mean 0 and identity covariance, the way back, and scikit-learn's numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitWhitening } from '../../src/detect/tables/principal-whitening.ts';
import { input } from '../../src/graph/operations.ts';
import { unwhiten, type Whitening, whiten } from '../../src/models/whitening.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

async function whitened(values: ArrayLike<number>, whitening: Whitening) {
  const { dimension } = whitening;
  const count = values.length / dimension;
  const x = input('x', ['rows', dimension]);
  const feeds = { x: { values, shape: [count, dimension] } };
  return evaluateGraph(
    { white: whiten(x, whitening), back: unwhiten(whiten(x, whitening), whitening) },
    feeds,
    count,
  );
}

/** Mean of the products of two columns, or of one column. */
function moment(values: Float32Array, dimension: number, i: number, j?: number): number {
  const count = values.length / dimension;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    sum += values[row * dimension + i]! * (j === undefined ? 1 : values[row * dimension + j]!);
  }
  return sum / count;
}

/** Four correlated columns, no direction with a variance below 1. */
function correlated(count: number): Float32Array {
  const random = createRandom('whitening');
  return Float32Array.from(
    Array.from({ length: count }, () => {
      const [a, b, c, d] = [random.normal(), random.normal(), random.normal(), random.normal()];
      return [6 * a + 1.5 * b + 10, 5 * a - 1.5 * b, 3 * c - 4, 1.5 * d + 2 * c];
    }).flat(),
  );
}

test('training rows get mean 0 and identity covariance, and come back', async () => {
  const dimension = 4;
  const values = correlated(800);
  const { white, back } = await whitened(values, fitWhitening(values, dimension, dimension));
  for (let i = 0; i < dimension; i++) {
    assert.ok(Math.abs(moment(white, dimension, i)) < 1e-4, `mean of ${i}`);
    for (let j = 0; j < dimension; j++) {
      const covariance = moment(white, dimension, i, j);
      // The ridge of 0.01 is added to variances of at least 1; off the diagonal only rounding is left.
      if (i === j) assert.ok(covariance > 0.99 && covariance < 1.0001, `variance of ${i}: ${covariance}`);
      else assert.ok(Math.abs(covariance) < 1e-4, `covariance of ${i} and ${j}: ${covariance}`);
    }
  }
  assert.ok(
    back.every((value, i) => Math.abs(value - values[i]!) <= 1e-4),
    'back within 1e-4',
  );
});

test('far rows come back too', async () => {
  const whitening = fitWhitening(correlated(800), 4, 4);
  const far = [1e4, -1e4, 1e4, 0, 0, 0, -1e4, 1e4];
  const { back } = await whitened(far, whitening);
  // Float32 sums of values of 1e4: 1e-5 of the largest.
  assert.ok(
    far.every((value, i) => Math.abs(back[i]! - value) < 0.1),
    `${back}`,
  );
});

test('only the first columns of each row count', () => {
  const values = correlated(100);
  const wide = Float32Array.from(
    Array.from({ length: 100 }, (_, row) => [...values.subarray(row * 4, row * 4 + 4), row % 2, 9]).flat(),
  );
  assert.deepEqual(fitWhitening(wide, 6, 4), fitWhitening(values, 4, 4));
});

test('a constant column and a repeated one are finite, small and come back', async () => {
  const random = createRandom('flat');
  const values = Float32Array.from(
    Array.from({ length: 200 }, () => {
      const x = random.normal();
      return [x, x, 5];
    }).flat(),
  );
  const { white, back } = await whitened(values, fitWhitening(values, 3, 3));
  const variances = [0, 1, 2].map((i) => moment(white, 3, i, i)).sort((a, b) => a - b);
  // Two directions have no variance, beside the ridge: rounding only. The other has about 2.
  assert.ok(variances[1]! < 1e-6 && variances[2]! > 0.99, `${variances}`);
  assert.ok(back.every((value, i) => Math.abs(value - values[i]!) < 1e-5));
});

test("scikit-learn's PCA(whiten=True), up to signs and the ridge", async () => {
  // scikit-learn 1.2.1: p = PCA(whiten=True, svd_solver='full').fit(rows); p.transform(rows), p.explained_variance_.
  const rows = [
    [2, 0, 1],
    [0, 3, 1],
    [-2, 1, 0],
    [4, 2, -1],
    [1, -1, 5],
    [3, 5, 2],
    [-1, -3, -2],
    [5, 1, 3],
  ];
  const transformed = [
    [0.105722, 0.301911, 0.477318],
    [-0.0478, -0.766453, -1.042391],
    [0.939183, -0.622947, -1.059196],
    [-0.4686, -0.87254, 1.383956],
    [-0.019777, 1.920081, -0.865833],
    [-1.258908, -0.842432, -0.627619],
    [1.792528, 0.001697, 0.897027],
    [-1.042349, 0.880684, 0.836738],
  ];
  const variances = [9.14166363, 4.5570656, 3.28341363];
  const values = Float32Array.from(rows.flat());
  const whitening = fitWhitening(values, 3, 3);
  assert.deepEqual([...whitening.mean], [1.5, 1, 1.125]);
  const { white } = await whitened(values, whitening);
  const used = new Set<number>();
  for (const [axis, variance] of variances.entries()) {
    // Its variances are over n - 1 = 7, ours over n = 8, and ours have the ridge of 0.01.
    const scale = Math.sqrt(variance / ((variance * 7) / 8 + 1e-2));
    const wanted = transformed.map((row) => row[axis]! * scale);
    const products = [0, 1, 2].map((ours) =>
      wanted.reduce((sum, value, row) => sum + value * white[row * 3 + ours]!, 0),
    );
    const ours = products.findIndex((product) => Math.abs(product) > 4);
    used.add(ours);
    for (const [row, value] of wanted.entries()) {
      const actual = white[row * 3 + ours]! * Math.sign(products[ours]!);
      // The reference has six digits after the point.
      assert.ok(Math.abs(actual - value) < 5e-6, `row ${row}, axis ${axis}: ${actual}, expected ${value}`);
    }
  }
  assert.equal(used.size, 3);
});

// The rows of a table as models see them: likelihoods against closed forms, what is drawn, seen and perturbed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitWhitening } from '../../src/detect/tables/principal-whitening.ts';
import { constant, input } from '../../src/graph/operations.ts';
import type { LikelihoodName } from '../../src/models/domain.ts';
import { type Segment, tableDomain } from '../../src/models/table-domain.ts';
import type { Whitening } from '../../src/models/whitening.ts';
import type { Scope } from '../../src/nn/parameters.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

/** Two numbers, a category of three places and one of two. */
const segments: readonly Segment[] = [
  { kind: 'numbers', start: 0, length: 2 },
  { kind: 'category', start: 2, length: 3 },
  { kind: 'category', start: 5, length: 2 },
];
const size = 7;
const outputs = 9;
const domain = tableDomain(segments);
const whitening: Whitening = fitWhitening(
  (() => {
    const random = createRandom('table-domain');
    return Float32Array.from(
      Array.from({ length: 200 }, () => {
        const x = random.normal();
        return [x + 1, 0.9 * x + 0.3 * random.normal() - 2];
      }).flat(),
    );
  })(),
  2,
  2,
);
const whitenedDomain = tableDomain(segments, whitening);

/** Hands out the same values for every parameter. */
const scopeOf = (values: readonly number[]): Scope => ({
  parameter: (_, shape) => constant(Float32Array.from(values), [...shape]),
});

function assertNear(actual: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-5): void {
  assert.equal(actual.length, wanted.length);
  for (const [i, value] of wanted.entries()) {
    const difference = Math.abs(actual[i]! - value);
    assert.ok(
      difference <= tolerance * Math.max(1, Math.abs(value)),
      `${i}: ${actual[i]}, expected ${value}`,
    );
  }
}

/** -log p of each feature of one row. */
async function surprise(
  name: LikelihoodName,
  logits: readonly number[],
  row: readonly number[],
  scope = scopeOf([0, 0]),
  of = domain,
): Promise<Float32Array> {
  const likelihood = of.likelihoods[name];
  assert.ok(likelihood !== undefined);
  const { each } = await evaluateGraph(
    { each: likelihood(scope, input('logits', ['rows', outputs]), input('row', ['rows', size])) },
    { logits: { values: logits, shape: [1, outputs] }, row: { values: row, shape: [1, size] } },
  );
  return each;
}

const categoryLogits = [1, -2, 0.5, 3, 3];
const oneHot = [0, 0, 1, 1, 0];
/** Cross-entropies of the categories above: log of the sum of the exponentials less the logit of the place. */
const crossEntropies = [
  0,
  0,
  Math.log(Math.exp(1) + Math.exp(-2) + Math.exp(0.5)) - 0.5,
  Math.log(2),
  0,
] as const;

test('a row has one raw output for each feature and one more for the scale of each number', () => {
  assert.deepEqual([domain.shape, domain.outputs], [[1, 1, size], outputs]);
  assert.deepEqual(Object.keys(domain.likelihoods).sort(), ['gaussian', 'student']);
});

describe('likelihoods', () => {
  test('Gaussian: the scale is 0.05 + exp(output), and categories have their cross-entropy', async () => {
    // -scipy.stats.norm.logpdf(x, mean, scale), scipy 1.10.1: (0.5, 0, 1) and (-3, 2, 0.5). Float32: 1e-5 of the value.
    const logits = [0, 2, ...categoryLogits, Math.log(0.95), Math.log(0.45)];
    assertNear(await surprise('gaussian', logits, [0.5, -3, ...oneHot]), [
      1.0439385332046727,
      50.22579135264473,
      ...crossEntropies,
    ]);
  });

  test('Gaussian: however sure, the scale stays above 0.05, so that no density is above that of 0.05', async () => {
    // -scipy.stats.norm.logpdf(0.1, 0, 0.05) and (0, 0, 0.05) = log(0.05) + log(2 pi) / 2.
    const each = await surprise('gaussian', [0, 0, ...categoryLogits, -60, -60], [0.1, 0, ...oneHot]);
    assertNear(each.subarray(0, 2), [-0.07679374034931818, Math.log(0.05) + Math.log(2 * Math.PI) / 2]);
  });

  test('Gaussian: a scale that all rows share is added to the logarithm before the floor', async () => {
    // -scipy.stats.norm.logpdf(50, 0, 2): the shared log 1.95, the row's own 0.
    const shared = scopeOf([Math.log(1.95), Math.log(0.95)]);
    const each = await surprise('gaussian', [0, 0, ...categoryLogits, 0, 0], [50, 0.5, ...oneHot], shared);
    assertNear(each.subarray(0, 2), [314.1120857137646, 1.0439385332046727]);
  });

  test("Student's t with 4 degrees of freedom", async () => {
    // -scipy.stats.t.logpdf(x, 4, loc=mean, scale=scale), scipy 1.10.1: (0.5, 0, 1), (-3, 2, 0.5), (50, 0, 2).
    const logits = [0, 2, ...categoryLogits, 9, 9];
    const scales = scopeOf([0, Math.log(0.5)]);
    assertNear(await surprise('student', logits, [0.5, -3, ...oneHot], scales), [
      1.1323908075528133,
      8.432923417505487,
      ...crossEntropies,
    ]);
    const far = await surprise('student', logits, [50, 2, ...oneHot], scopeOf([Math.log(2), 0]));
    // At its mean with scale 1 the density is 3 / 8.
    assertNear(far.subarray(0, 2), [14.318568672523048, -Math.log(0.375)]);
  });

  test('with whitening, numbers are judged in its coordinates', async () => {
    const { mean, forward } = whitening;
    const x = [1.7, -2.4];
    const z = [0, 1].map((j) => x.reduce((sum, v, i) => sum + (v - mean[i]!) * forward[i * 2 + j]!, 0));
    for (const name of ['gaussian', 'student'] as const) {
      const logits = [0.3, -0.2, ...categoryLogits, 0.1, -0.4];
      const ours = await surprise(name, logits, [...x, ...oneHot], scopeOf([0, 0]), whitenedDomain);
      assertNear(ours, [...(await surprise(name, logits, [...z, ...oneHot]))], 1e-4);
    }
  });

  test('huge logits and rows stay finite', async () => {
    const logits = [1e4, -1e4, 1e4, -1e4, 0, -1e4, 1e4, 80, -1e4];
    for (const name of ['gaussian', 'student'] as const) {
      for (const of of [domain, whitenedDomain]) {
        const each = await surprise(name, logits, [-1e4, 1e4, ...oneHot], scopeOf([0, 0]), of);
        assert.ok(each.every(Number.isFinite), `${name}: ${each}`);
      }
    }
  });
});

for (const [title, each] of [
  ['as they are', domain],
  ['whitened', whitenedDomain],
] as const) {
  describe(`numbers ${title}`, () => {
    const run = async (rows: readonly number[], shape: (string | number)[] = ['rows', size]) => {
      const x = input('x', shape);
      const count = rows.length / size;
      return evaluateGraph(
        { seen: each.see(x), centred: each.centre(x), open: each.open(x) },
        { x: { values: rows, shape: [count, ...(shape.slice(1) as number[])] } },
        count,
      );
    };

    test('activated, places of a category sum to 1 and scales are left out', async () => {
      const logits = [0.4, -1.5, ...categoryLogits, 7, 7, -2, 0, 1e4, -1e4, 0, -60, -60, 0, 0];
      const { rows } = await evaluateGraph(
        { rows: each.activate(input('logits', ['rows', outputs])) },
        { logits: { values: logits, shape: [2, outputs] } },
        2,
      );
      assert.equal(rows.length, 2 * size);
      for (const row of [rows.subarray(0, size), rows.subarray(size)]) {
        for (const places of [row.subarray(2, 5), row.subarray(5)]) {
          assert.ok(places.every((share) => share >= 0));
          // Logits of 60 are 4e-6 apart as float32.
          assertNear([places.reduce((sum, share) => sum + share, 0)], [1], 1e-5);
        }
      }
      assertNear(rows.subarray(5, 7), [0.5, 0.5]);
    });

    test('what a decoder draws at the coordinates of a row is the row', async () => {
      const row = [1.7, -2.4, ...oneHot];
      const { seen } = await run(row);
      // `see` is asinh of the coordinates.
      const coordinates = [...seen.subarray(0, 2)].map(Math.sinh);
      const { rows } = await evaluateGraph(
        { rows: each.activate(input('logits', ['rows', outputs])) },
        { logits: { values: [...coordinates, ...categoryLogits, 0, 0], shape: [1, outputs] } },
      );
      assertNear(rows.subarray(0, 2), row.slice(0, 2));
    });

    test('far rows are seen as finite, by the logarithm, and categories as they are', async () => {
      const far = [1e4, -1e4, ...oneHot, 0.5, 1e4, ...oneHot];
      const { seen, centred } = await run(far);
      assert.ok(
        seen.every((value) => Math.abs(value) < 15),
        `${seen}`,
      );
      assert.deepEqual([...seen.subarray(2, 7)], oneHot);
      assert.deepEqual(centred, seen);
      const { seen: inPixels } = await run(far, ['rows', 1, 1, size]);
      assert.deepEqual(inPixels, seen);
    });

    test('training rows are pulled in to 8 deviations, those nearer stay', async () => {
      const near = [1.7, -2.4, ...oneHot];
      const { open } = await run([...near, 1e4, -1e4, ...oneHot]);
      assertNear(open.subarray(0, size), near);
      const { seen } = await run([...open.subarray(size)]);
      const coordinates = [...seen.subarray(0, 2)].map((value) => Math.abs(Math.sinh(value)));
      // Back and forth in float32: 1e-4.
      assertNear(coordinates, [8, 8], 1e-4);
      assert.deepEqual([...open.subarray(size + 2)], oneHot);
    });

    test('perturbed, numbers move by the noise in their coordinates and categories stay', async () => {
      const row = [1.7, -2.4, ...oneHot];
      const noise = [0.5, -0.25, 3, 3, 3, 3, 3];
      const [x, e] = [input('x', ['rows', size]), input('noise', ['rows', size])];
      const moved = each.perturb(x, e);
      const { rows, before, after } = await evaluateGraph(
        { rows: moved, before: each.see(x), after: each.see(moved) },
        { x: { values: row, shape: [1, size] }, noise: { values: noise, shape: [1, size] } },
      );
      assert.deepEqual([...rows.subarray(2)], oneHot);
      const by = [0, 1].map((i) => Math.sinh(after[i]!) - Math.sinh(before[i]!));
      assertNear(by, noise.slice(0, 2));
    });
  });
}

test('a table of categories alone has no scale to learn', async () => {
  const only = tableDomain([{ kind: 'category', start: 0, length: 3 }]);
  assert.equal(only.outputs, 3);
  const scope: Scope = { parameter: () => assert.fail('no parameter is wanted') };
  const likelihood = only.likelihoods.gaussian!;
  const row = input('row', ['rows', 3]);
  const { each, seen } = await evaluateGraph(
    {
      each: likelihood(scope, input('logits', ['rows', 3]), row),
      seen: only.see(row),
    },
    { logits: { values: [0, 0, 0], shape: [1, 3] }, row: { values: [0, 1, 0], shape: [1, 3] } },
  );
  assertNear(each, [0, Math.log(3), 0]);
  assert.deepEqual([...seen], [0, 1, 0]);
});

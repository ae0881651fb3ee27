// The classical baselines and scalings against scikit-learn's numbers (baseline-reference.py), and poor data.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { OddityError } from '../../src/errors.ts';
import { createEcod } from '../../src/evaluate/baselines/ecod.ts';
import {
  type Baseline,
  baselines,
  type DenseRows,
  fitQuantileNormal,
  fitStandardScaling,
  pcaResidualOf,
} from '../../src/evaluate/baselines/index.ts';
import { averagePathLength } from '../../src/evaluate/baselines/isolation-forest.ts';
import { createKnn } from '../../src/evaluate/baselines/knn.ts';
import { detectionMetrics } from '../../src/evaluate/metrics.ts';
import { rankCorrelation } from '../../src/evaluate/rank-correlation.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';

interface Reference {
  readonly width: number;
  readonly training: number[];
  readonly rows: number[];
  readonly anomaly: number[];
  readonly expected: Readonly<Record<string, number[]>> & { readonly isolationForestAuroc: number };
}
const reference: Reference = JSON.parse(
  readFileSync(new URL('./baseline-reference.json', import.meta.url), 'utf8'),
);
const { expected } = reference;

const rowsOf = (values: ArrayLike<number>, width: number): DenseRows => ({
  values: Float32Array.from(values),
  count: values.length / width,
  width,
});
/** As drawn, and in standard scaling. */
const training = rowsOf(reference.training, reference.width);
const rows = rowsOf(reference.rows, reference.width);
const scale = fitStandardScaling(training);
const [scaled, scaledRows] = [scale(training), scale(rows)];
/** Fewer rows than columns. */
const few = rowsOf(scaled.values.subarray(0, 4 * reference.width), reference.width);

async function scoresOf(baseline: Baseline, fitted: DenseRows, scored: DenseRows, seed: number | string = 0) {
  const score = await baseline.fit(fitted, { seed });
  return score(scored);
}

/** Ours is float64 inside and float32 at the end, and the reference has 7 digits: 2e-6 of the value. */
function assertNear(
  actual: Float32Array,
  wanted: readonly number[] = [],
  relative = 2e-6,
  absolute = 1e-7,
): void {
  assert.equal(actual.length, wanted.length);
  for (const [i, value] of wanted.entries()) {
    const difference = Math.abs(actual[i]! - value);
    assert.ok(difference <= relative * Math.abs(value) + absolute, `${i}: ${actual[i]}, expected ${value}`);
  }
}

describe("scikit-learn's numbers", () => {
  test('standard and quantile-normal scaling', () => {
    assertNear(scaledRows.values, expected.standard);
    // Where the normal quantile is steep, the 7th digit of a share is the 5th of the quantile.
    assertNear(
      fitQuantileNormal(training, { quantiles: 100 })(rows).values,
      expected.quantileNormal,
      1e-5,
      1e-5,
    );
  });

  // The inputs are scaled to float32, here and there: 1e-7 of a value is 1e-6 of a small difference.
  test('PCA residual after 90 % of the variance, and after two and three components', async () => {
    assertNear(await scoresOf(baselines.pcaResidual, scaled, scaledRows), expected.pcaResidual, 1e-5, 1e-6);
    assertNear(await scoresOf(pcaResidualOf(2), scaled, scaledRows), expected.pcaResidual2, 1e-5, 1e-6);
    assertNear(await scoresOf(pcaResidualOf(3), scaled, scaledRows), expected.pcaResidual3, 1e-5, 1e-6);
  });

  test('Mahalanobis distance of five directions in seven columns', async () => {
    assertNear(await scoresOf(baselines.mahalanobis, scaled, scaledRows), expected.mahalanobis, 1e-5);
  });

  test('distance to the fifth nearest neighbour, and to all five', async () => {
    assertNear(await scoresOf(baselines.knn, scaled, scaledRows), expected.knnLargest, 1e-5);
    assertNear(await scoresOf(createKnn({ distance: 'mean' }), scaled, scaledRows), expected.knnMean, 1e-5);
  });

  test('fewer training rows than columns: the directions come from the rows', async () => {
    assertNear(await scoresOf(pcaResidualOf(2), few, scaledRows), expected.pcaResidualWide, 1e-5, 1e-6);
    assertNear(await scoresOf(baselines.mahalanobis, few, scaledRows), expected.mahalanobisWide, 1e-4);
  });

  test('isolation forest: other random cuts, the same ranks, level and area', async () => {
    for (const seed of [0, 1, 'two']) {
      const scores = await scoresOf(baselines.isolationForest, training, rows, seed);
      const agreement = rankCorrelation(scores, expected.isolationForest!);
      assert.ok(agreement > 0.97, `${agreement}`);
      const shift =
        scores.reduce((sum, score, i) => sum + score - expected.isolationForest![i]!, 0) / rows.count;
      assert.ok(Math.abs(shift) < 0.01, `mean score shifted by ${shift}`);
      const { auroc } = detectionMetrics(scores, reference.anomaly);
      assert.ok(Math.abs(auroc - expected.isolationForestAuroc) < 0.03, `${auroc}`);
    }
  });
});

describe('ECOD written out in numpy', () => {
  test("the paper's algorithm", async () => {
    assertNear(await scoresOf(baselines.ecod, training, rows), expected.ecod);
  });

  test("PyOD's sum of columns, called for one row at a time", async () => {
    const byColumns = await scoresOf(createEcod({ maximum: 'columns' }), training, rows);
    assertNear(byColumns, expected.ecodByColumns);
    // What PyOD makes of the rows all at once, a third of them anomalies, ranks them much the same.
    const agreement = rankCorrelation(byColumns, expected.ecodInBatch!);
    assert.ok(agreement > 0.85, `${agreement}`);
  });
});

test('an isolation tree is normalised by the mean path of an unsuccessful search', () => {
  assert.deepEqual([0, 1, 2].map(averagePathLength), [0, 0, 1]);
  // The closed form has harmonic numbers, 2 H(n - 1) - 2 (n - 1) / n; ln + gamma is below H(m) by about 1 / (2 m).
  for (const n of [3, 10, 256, 5000]) {
    const harmonic = Array.from({ length: n - 1 }, (_, i) => 1 / (i + 1)).reduce(
      (sum, each) => sum + each,
      0,
    );
    const shortfall = 2 * harmonic - (2 * (n - 1)) / n - averagePathLength(n);
    assert.ok(shortfall > 0 && shortfall < 1 / (n - 1), `${n}: ${shortfall}`);
  }
  assert.ok(Math.abs(averagePathLength(256) - 10.244770920119917) < 1e-12, 'c(256)');
});

test('an isolation forest of two rows, by hand: one cut, so paths of one and scores of one half', async () => {
  const scores = await scoresOf(baselines.isolationForest, rowsOf([0, 1], 1), rowsOf([-5, 0, 1, 5], 1));
  assert.deepEqual([...scores], [0.5, 0.5, 0.5, 0.5]);
});

describe('nearest neighbours in blocks', () => {
  const width = 3;
  const many = rowsOf(fillNormal(new Float32Array(20_000 * width), createRandom('references')), width);
  const queries = rowsOf(fillNormal(new Float32Array(300 * width), createRandom('queries')), width);

  function bruteForce(query: number): number {
    const distances = Float64Array.from({ length: many.count }, (_, row) => {
      let sum = 0;
      for (let j = 0; j < width; j++) {
        sum += (queries.values[query * width + j]! - many.values[row * width + j]!) ** 2;
      }
      return Math.sqrt(sum);
    });
    return distances.sort()[4]!;
  }

  test('two blocks of references and two of rows agree with all distances', async () => {
    const scores = await scoresOf(baselines.knn, many, queries);
    // Points are moved to their mean in float32: 1e-6 of a distance of 0.01.
    assertNear(
      scores,
      Array.from(scores, (_, query) => bruteForce(query)),
      2e-5,
    );
  });

  test('far from the origin, rows that are nearly equal keep their distances', async () => {
    const offset = rowsOf(
      Array.from({ length: 40 }, (_, i) => 4096 + i / 64),
      1,
    );
    const scores = await scoresOf(baselines.knn, offset, rowsOf([4096, 4096 + 20 / 64], 1));
    assertNear(scores, [4 / 64, 2 / 64], 1e-5);
  });

  test('stops at the signal', async () => {
    const control = new AbortController();
    const score = await baselines.knn.fit(many, { seed: 0, signal: control.signal });
    control.abort();
    await assert.rejects(score(queries), (error: OddityError) => error.code === 'ABORTED');
  });
});

/** Scores that are finite numbers, or one line of BAD_DATA. */
async function scoresOrRefusal(baseline: Baseline, fitted: DenseRows, scored: DenseRows) {
  try {
    const scores = await scoresOf(baseline, fitted, scored);
    assert.ok(scores.length === scored.count && scores.every(Number.isFinite), `${scores}`);
    return scores;
  } catch (error) {
    assert.ok(error instanceof OddityError && error.code === 'BAD_DATA', String(error));
    assert.ok(!error.message.includes('\n'));
    return undefined;
  }
}

for (const [name, baseline] of Object.entries<Baseline>({ ...baselines, pcaResidualOf5: pcaResidualOf(5) })) {
  describe(`poor data: ${name}`, () => {
    const outcome = name === 'mahalanobis' ? 'refusal' : 'scores';
    const far = Array.from({ length: 8 }, () => 50);

    test('constant columns beside others', async () => {
      const width = 8;
      const values = fillNormal(new Float32Array(100 * width), createRandom('constant')).map((value, i) =>
        i % 2 === 0 ? value : 0.1,
      );
      const typical = Array.from({ length: width }, (_, i) => (i % 2 === 0 ? 0 : 0.1));
      const odd = Array.from({ length: width }, (_, i) => (i % 2 === 0 ? 6 : 0.1));
      const scores = await scoresOrRefusal(
        baseline,
        rowsOf(values, width),
        rowsOf([...typical, ...odd], width),
      );
      assert.ok(scores !== undefined && scores[1]! > scores[0]!, `${scores}`);
    });

    test('only constant columns, or one training row', async () => {
      for (const count of [1, 20]) {
        const same = rowsOf(new Float32Array(count * 8).fill(0.1), 8);
        const scored = rowsOf([...same.values.subarray(0, 8), ...far], 8);
        const scores = await scoresOrRefusal(baseline, same, scored);
        assert.equal(scores === undefined ? 'refusal' : 'scores', outcome);
        if (scores !== undefined) assert.ok(scores[1]! >= scores[0]!, `${scores}`);
      }
    });

    test('more columns than rows', async () => {
      const wide = rowsOf(fillNormal(new Float32Array(10 * 64), createRandom('wide')), 64);
      const scored = rowsOf(
        [...wide.values.subarray(0, 64), ...wide.values.subarray(0, 64).map((v) => 20 * v)],
        64,
      );
      const scores = await scoresOrRefusal(baseline, wide, scored);
      assert.ok(scores !== undefined && scores[1]! > scores[0]!, `${scores}`);
    });

    test('two points, each many times over', async () => {
      const values = Array.from({ length: 600 }, (_, i) => [i % 2, 0, 0]).flat();
      const scores = await scoresOrRefusal(
        baseline,
        rowsOf(values, 3),
        rowsOf([0, 0, 0, 1, 0, 0, 9, 9, 9], 3),
      );
      assert.ok(scores !== undefined && scores[2]! >= scores[0]!, `${scores}`);
    });

    test('one column', async () => {
      const line = rowsOf(fillNormal(new Float32Array(200), createRandom('line')), 1);
      const scores = await scoresOrRefusal(baseline, line, rowsOf([0, 8], 1));
      assert.ok(scores !== undefined && scores[1]! > scores[0]!, `${scores}`);
    });

    test('no rows, other columns and gaps are refused; no rows to score are none', async () => {
      const refused = (error: OddityError): boolean => error.code === 'BAD_DATA';
      await assert.rejects(baseline.fit(rowsOf([], 3), { seed: 0 }), refused);
      await assert.rejects(baseline.fit(rowsOf([1, 2, Number.NaN, 4], 2), { seed: 0 }), refused);
      const score = await baseline.fit(training, { seed: 0 });
      await assert.rejects(score(rowsOf([1, 2], 2)), refused);
      await assert.rejects(score(rowsOf([1, 2, 3, 4, 5, 6, Number.POSITIVE_INFINITY], 7)), refused);
      assert.equal((await score(rowsOf([], 7))).length, 0);
    });

    test('the same seed scores the same, and rows do not depend on their company', async () => {
      const all = await scoresOf(baseline, training, rows, 'again');
      const alone = await scoresOf(
        baseline,
        training,
        rowsOf(reference.rows.slice(0, reference.width), reference.width),
        'again',
      );
      assert.equal(alone[0], all[0]);
      assert.deepEqual(await scoresOf(baseline, training, rows, 'again'), all);
    });
  });
}

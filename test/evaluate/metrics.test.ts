// Detection metrics against scikit-learn 1.2's numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectionMetrics, rocCurve } from '../../src/evaluate/metrics.ts';

const scores = [0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.8, 0.2, 0.9, 0.4, 0.05, 0.7];
const labels = [0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0];

/** 500 rows with 120 distinct scores: many ties between and within the classes. */
const manyLabels = Array.from({ length: 500 }, (_, i) => (i % 10 === 0 ? 1 : 0));
const manyScores = manyLabels.map((label, i) => ((i * 7919) % 101) + 40 * label);

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, expected ${expected}`);

test('a few rows with ties: roc_auc_score and average_precision_score', () => {
  const metrics = detectionMetrics(scores, labels);
  near(metrics.auroc, 0.8285714285714286);
  near(metrics.averagePrecision, 0.75);
  // 1 % of 7 normal rows is none of them: only the score above all normal ones counts.
  near(metrics.recallAtFpr01, 0.2);
  assert.equal(metrics.n, 12);
  assert.equal(metrics.positives, 5);
});

test('many rows with ties, and the recall at 1 % false alarms', () => {
  const metrics = detectionMetrics(Float32Array.from(manyScores), Uint8Array.from(manyLabels));
  near(metrics.auroc, 0.8064444444444444);
  near(metrics.averagePrecision, 0.5338995494830144);
  near(metrics.recallAtFpr01, 0.38);
});

test('the ends of the scale', () => {
  const perfect = detectionMetrics([1, 2, 3, 4], [0, 0, 1, 1]);
  assert.deepEqual([perfect.auroc, perfect.averagePrecision, perfect.recallAtFpr01], [1, 1, 1]);
  const inverted = detectionMetrics([4, 3, 2, 1], [0, 0, 1, 1]);
  assert.deepEqual([inverted.auroc, inverted.recallAtFpr01], [0, 0]);
  near(inverted.averagePrecision, (1 / 3 + 2 / 4) / 2);
  const blind = detectionMetrics([5, 5, 5, 5], [0, 1, 0, 1]);
  assert.deepEqual([blind.auroc, blind.averagePrecision, blind.recallAtFpr01], [0.5, 0.5, 0]);
});

test('exactly 1 % of the normal rows may raise an alarm', () => {
  const normal = Array.from({ length: 100 }, (_, i) => i);
  const metrics = detectionMetrics([...normal, 98.5, 97.5], [...normal.map(() => 0), 1, 1]);
  assert.equal(metrics.recallAtFpr01, 0.5);
});

test('negative scores and their order do not matter, only ranks do', () => {
  const shifted = detectionMetrics(
    scores.map((score) => 1000 * score - 5000).toReversed(),
    labels.toReversed(),
  );
  assert.deepEqual(shifted, detectionMetrics(scores, labels));
});

test('the ROC curve is roc_curve without dropped points', () => {
  const curve = rocCurve(scores, labels);
  assert.deepEqual(
    curve.falsePositiveRate,
    [0, 0, 1, 2, 3, 4, 5, 6, 7].map((count) => count / 7),
  );
  assert.deepEqual(curve.truePositiveRate, [0, 0.2, 0.6, 0.6, 1, 1, 1, 1, 1]);
  assert.deepEqual(curve.thresholds, [Number.POSITIVE_INFINITY, 0.9, 0.8, 0.7, 0.4, 0.35, 0.2, 0.1, 0.05]);
});

test('one class alone, or none, cannot be measured', () => {
  const error = (normal: number, anomalous: number) => ({
    name: 'OddityError',
    code: 'BAD_DATA',
    data: { normal, anomalous },
  });
  assert.throws(() => detectionMetrics([1, 2, 3], [0, 0, 0]), error(3, 0));
  assert.throws(() => detectionMetrics([1, 2], [1, 1]), error(0, 2));
  assert.throws(() => rocCurve([1, 2], [1, 1]), error(0, 2));
  assert.throws(() => detectionMetrics([], []), error(0, 0));
});

test('a score that is no number is named with its row', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const row of [0, 3, 11]) {
      assert.throws(() => detectionMetrics(scores.with(row, bad), labels), {
        code: 'BAD_DATA',
        data: { row },
      });
    }
  }
  assert.throws(() => detectionMetrics([Number.NaN, 1, Number.NaN], [0, 1, 0]), { code: 'BAD_DATA' });
});

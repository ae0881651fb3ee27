// Detection metrics from scores (higher = more anomalous) and labels (1 = anomaly), checked against scikit-learn.
import { OddityError } from '../errors.ts';

/** Scores in descending order with, at each distinct score, the counts at or above it. */
interface Sweep {
  readonly positives: number;
  readonly negatives: number;
  /** One entry per distinct score, highest first. */
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

function sweep(scores: ArrayLike<number>, isAnomaly: ArrayLike<number>): Sweep {
  const count = scores.length;
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const [thresholds, truePositives, falsePositives]: [number[], number[], number[]] = [[], [], []];
  let [hits, alarms] = [0, 0];
  for (let i = 0; i < count; i++) {
    const row = order[i] ?? 0;
    const score = scores[row] ?? 0;
    if (!Number.isFinite(score)) {
      throw new OddityError('BAD_DATA', `Scores must be finite, got ${score} in row ${row}.`, {
        data: { row },
      });
    }
    if (isAnomaly[row]) hits++;
    else alarms++;
    if (i + 1 < count && scores[order[i + 1] ?? 0] === score) continue;
    thresholds.push(score);
    truePositives.push(hits);
    falsePositives.push(alarms);
  }
  if (hits === 0 || alarms === 0) {
    throw new OddityError(
      'BAD_DATA',
      `Measuring detection needs normal and anomalous rows, got ${alarms} normal and ${hits} anomalous; evaluate on data that has both.`,
      { data: { normal: alarms, anomalous: hits } },
    );
  }
  return {
    positives: hits,
    negatives: alarms,
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
  };
}

export interface DetectionMetrics {
  /** Area under the ROC curve, 0..1; ties count half. */
  readonly auroc: number;
  /** Average precision, 0..1: precision at each threshold weighted by the recall gained there. */
  readonly averagePrecision: number;
  /** Share of anomalies found while at most 1 % of normal rows raise an alarm. */
  readonly recallAtFpr01: number;
  readonly n: number;
  readonly positives: number;
}

export function detectionMetrics(scores: ArrayLike<number>, isAnomaly: ArrayLike<number>): DetectionMetrics {
  const curve = sweep(scores, isAnomaly);
  const { positives, negatives, truePositives, falsePositives } = curve;
  let [area, precisionSum, hits, alarms] = [0, 0, 0, 0];
  for (let i = 0; i < truePositives.length; i++) {
    const [nextHits, nextAlarms] = [truePositives[i] ?? 0, falsePositives[i] ?? 0];
    area += ((nextAlarms - alarms) * (hits + nextHits)) / 2;
    precisionSum += ((nextHits - hits) * nextHits) / (nextHits + nextAlarms);
    [hits, alarms] = [nextHits, nextAlarms];
  }
  return {
    auroc: area / (positives * negatives),
    averagePrecision: precisionSum / positives,
    recallAtFpr01: recallWithin(curve, 0.01),
    n: positives + negatives,
    positives,
  };
}

function recallWithin({ positives, negatives, truePositives, falsePositives }: Sweep, rate: number): number {
  let recall = 0;
  for (const [i, alarms] of falsePositives.entries()) {
    if (alarms <= rate * negatives) recall = (truePositives[i] ?? 0) / positives;
  }
  return recall;
}

/** Share of anomalies found while at most `rate` of normal rows raise an alarm. */
export function recallAtFalseAlarmRate(
  scores: ArrayLike<number>,
  isAnomaly: ArrayLike<number>,
  rate: number,
): number {
  return recallWithin(sweep(scores, isAnomaly), rate);
}

/**
 * Share of anomalies among the `count` highest scores; of rows that share the last of them, as many count as a draw
 * would give on average. For more than all rows, the share among all.
 */
export function precisionAt(scores: ArrayLike<number>, isAnomaly: ArrayLike<number>, count: number): number {
  const { truePositives, falsePositives } = sweep(scores, isAnomaly);
  const wanted = Math.min(count, scores.length);
  let [hits, seen] = [0, 0];
  for (const [i, nextHits] of truePositives.entries()) {
    const next = nextHits + (falsePositives[i] ?? 0);
    if (next >= wanted) return (hits + ((nextHits - hits) * (wanted - seen)) / (next - seen)) / wanted;
    [hits, seen] = [nextHits, next];
  }
  return hits / wanted;
}

/** The ROC curve from (0, 0) to (1, 1), one point per distinct score, and the score at each point. */
export function rocCurve(scores: ArrayLike<number>, isAnomaly: ArrayLike<number>) {
  const { positives, negatives, thresholds, truePositives, falsePositives } = sweep(scores, isAnomaly);
  return {
    falsePositiveRate: [0, ...Array.from(falsePositives, (count) => count / negatives)],
    truePositiveRate: [0, ...Array.from(truePositives, (count) => count / positives)],
    thresholds: [Number.POSITIVE_INFINITY, ...thresholds],
  };
}

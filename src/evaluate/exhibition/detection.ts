// How a detector judges rows: curves, promises kept, what it confuses. From scores alone, so for images and tables alike.
import { type DetectionMetrics, detectionMetrics, rocCurve } from '../metrics.ts';

export interface JudgedRows {
  /** Higher is more anomalous. */
  readonly score: Float32Array;
  readonly pValue: Float32Array;
  /** 1 for an anomaly; where that is known. */
  readonly isAnomaly?: Uint8Array | undefined;
  /** A class of each row, where there are classes. */
  readonly labels?: Uint8Array | undefined;
  readonly classNames?: readonly string[] | undefined;
  readonly threshold: number;
  readonly askedRate: number;
}

export interface ClassVerdicts {
  readonly name: string;
  readonly isAnomaly: boolean;
  readonly count: number;
  readonly flagged: number;
}

/** The parts that need to know which rows are anomalies. */
export interface KnownTruth {
  readonly metrics: DetectionMetrics;
  /** At the threshold, 0..1. */
  readonly falseAlarmRate: number;
  readonly recall: number;
  readonly precision: number;
  /** Thinned for drawing. */
  readonly roc: readonly (readonly [number, number])[];
  /** Recall, precision. */
  readonly precisionRecall: readonly (readonly [number, number])[];
  /** False-alarm rate asked for, and measured. */
  readonly promised: readonly (readonly [number, number])[];
  /** False-alarm rate measured, and the cost of 1,000 rows in units of a false alarm. */
  readonly costs: readonly (readonly [number, number])[];
  /** What a missed anomaly costs, in units of a false alarm. */
  readonly missCost: number;
  readonly cheapest: { readonly falseAlarmRate: number; readonly cost: number };
  /** Rows, most confident mistake first. */
  readonly falseAlarms: readonly number[];
  readonly missed: readonly number[];
}

export interface Detection extends JudgedRows {
  readonly alarms: number;
  readonly classes: readonly ClassVerdicts[];
  readonly truth?: KnownTruth;
}

const askedRates = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const mostMistakes = 20;

/** Judges rows; `missCost` is what a missed anomaly costs in false alarms, 10 unless given. */
export function judgeDetection(rows: JudgedRows, missCost = 10): Detection {
  const { score, threshold, isAnomaly } = rows;
  const alarms = score.filter((value) => value > threshold).length;
  const both = isAnomaly?.includes(1) === true && isAnomaly.includes(0);
  return {
    ...rows,
    alarms,
    classes: classVerdicts(rows),
    ...(both ? { truth: knownTruth({ ...rows, isAnomaly }, missCost) } : {}),
  };
}

function classVerdicts({
  score,
  threshold,
  labels,
  isAnomaly,
  classNames = [],
}: JudgedRows): ClassVerdicts[] {
  if (labels === undefined) return [];
  const found = new Map<number, { count: number; flagged: number; isAnomaly: boolean }>();
  for (const [row, label] of labels.entries()) {
    const each = found.get(label) ?? { count: 0, flagged: 0, isAnomaly: isAnomaly?.[row] === 1 };
    each.count++;
    each.flagged += Number((score[row] ?? 0) > threshold);
    found.set(label, each);
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([label, each]) => ({ name: classNames[label] ?? String(label), ...each }));
}

function knownTruth(
  { score, pValue, isAnomaly, threshold }: JudgedRows & { readonly isAnomaly: Uint8Array },
  missCost: number,
): KnownTruth {
  const metrics = detectionMetrics(score, isAnomaly);
  const { falsePositiveRate: fpr, truePositiveRate: tpr } = rocCurve(score, isAnomaly);
  const [positives, negatives] = [metrics.positives, metrics.n - metrics.positives];
  const rows = Array.from(score.keys());
  const flagged = (kind: number): number =>
    rows.filter((row) => isAnomaly[row] === kind && (score[row] ?? 0) > threshold).length;
  const [falseAlarms, hits] = [flagged(0), flagged(1)];
  const costAt = (i: number): number =>
    (1000 * ((fpr[i] ?? 0) * negatives + missCost * (1 - (tpr[i] ?? 0)) * positives)) / metrics.n;
  const all = fpr.map((_, i) => i);
  const best = all.reduce((least, i) => (costAt(i) < costAt(least) ? i : least), 0);
  const byScore = rows.toSorted((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  return {
    metrics,
    falseAlarmRate: falseAlarms / negatives,
    recall: hits / positives,
    precision: hits / Math.max(1, hits + falseAlarms),
    roc: thin(all.map((i) => [fpr[i] ?? 0, tpr[i] ?? 0] as const)),
    precisionRecall: thin(
      all.slice(1).map((i) => {
        const [caught, wrong] = [(tpr[i] ?? 0) * positives, (fpr[i] ?? 0) * negatives];
        return [tpr[i] ?? 0, caught / Math.max(1e-12, caught + wrong)] as const;
      }),
    ),
    promised: askedRates.map(
      (rate) =>
        [
          rate,
          rows.filter((row) => isAnomaly[row] === 0 && (pValue[row] ?? 1) <= rate).length / negatives,
        ] as const,
    ),
    costs: thin(
      all.map((i) => [fpr[i] ?? 0, costAt(i)] as const),
      1 / 400,
      Math.max(1, costAt(0)),
    ),
    missCost,
    cheapest: { falseAlarmRate: fpr[best] ?? 0, cost: costAt(best) },
    falseAlarms: byScore
      .filter((row) => isAnomaly[row] === 0 && (score[row] ?? 0) > threshold)
      .slice(0, mostMistakes),
    missed: byScore
      .filter((row) => isAnomaly[row] === 1 && (score[row] ?? 0) <= threshold)
      .reverse()
      .slice(0, mostMistakes),
  };
}

/** Leaves out points closer than a 300th of the axes to the last one kept. */
function thin(
  points: readonly (readonly [number, number])[],
  x = 1 / 300,
  scale = 1,
): (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  for (const [i, point] of points.entries()) {
    const last = kept.at(-1);
    const far =
      last === undefined ||
      Math.abs(point[0] - last[0]) > x ||
      Math.abs(point[1] - last[1]) / scale > 1 / 300;
    if (far || i === points.length - 1) kept.push(point);
  }
  return kept;
}

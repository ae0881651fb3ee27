// Trials of the usual kind: a table with labels, normals split at random, detection measured by AUROC and AP.
import { selectTableRows, type TableSet } from '../../data/table.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import { detectionMetrics } from '../metrics.ts';
import type { Measure, Trial } from './domain.ts';

export const detectionMeasures: readonly Measure[] = [
  { name: 'AUROC', digits: 4 },
  { name: 'AP', digits: 4 },
];

/** AUROC and average precision of scores. */
export function measureDetection(isAnomaly: Uint8Array) {
  return (scores: Float32Array): Record<string, number> => {
    const { auroc, averagePrecision } = detectionMetrics(scores, isAnomaly);
    return { AUROC: auroc, AP: averagePrecision };
  };
}

/** Positions of the normal rows, and of the anomalies. */
export function rowsByLabel(isAnomaly: Uint8Array): {
  readonly normal: number[];
  readonly anomalous: number[];
} {
  const rows: [number[], number[]] = [[], []];
  for (const [row, label] of isAnomaly.entries()) rows[label ? 1 : 0].push(row);
  return { normal: rows[0], anomalous: rows[1] };
}

/** Trains on some rows, tests on others, which may be of another table. */
export function trialOf(
  training: TableSet,
  trainingRows: readonly number[],
  test: TableSet,
  testRows: readonly number[],
  labels: Uint8Array,
): Trial {
  const isAnomaly = Uint8Array.from(testRows, (row) => labels[row] ?? 0);
  return {
    training: selectTableRows(training, trainingRows),
    test: selectTableRows(test, testRows),
    isAnomaly,
    measure: measureDetection(isAnomaly),
  };
}

/** A random half of the normals to train on, the other half and all anomalies to test on. */
export function halfTrial(table: TableSet, isAnomaly: Uint8Array, seed: number): Trial {
  const { normal, anomalous } = rowsByLabel(isAnomaly);
  const order = permutation(normal.length, createRandom(`halves/${seed}`));
  const shuffled = Array.from(order, (i) => normal[i] ?? 0);
  const half = normal.length >> 1;
  const testRows = [...shuffled.slice(half), ...anomalous];
  return trialOf(table, shuffled.slice(0, half), table, testRows, isAnomaly);
}

// Scaling of columns before a baseline sees them, fitted on training rows, with scikit-learn's rules.
import { normalQuantile } from '../../detect/tables/normal-quantile.ts';
import type { DenseRows } from './baseline.ts';
import { checkRows, columnMeans, countBelow, sortedColumn } from './dense-rows.ts';

/** Scaled rows of the same shape; the rows given stay as they are. Throws BAD_DATA for another width. */
export type Scaling = (rows: DenseRows) => DenseRows;

/**
 * Standard scaling: (x - mean) / standard deviation with divisor n, as `StandardScaler`. A column whose variance is
 * within the error of computing it is constant and only centred. Throws BAD_DATA without rows.
 */
export function fitStandardScaling(training: DenseRows): Scaling {
  checkRows(training, { least: 1 });
  const { values, count, width } = training;
  const means = columnMeans(training);
  const deviations = Float64Array.from(means, (mean, column) => {
    let sum = 0;
    for (let at = column; at < values.length; at += width) sum += ((values[at] as number) - mean) ** 2;
    const variance = sum / count;
    const bound = count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2;
    return variance <= bound ? 1 : Math.sqrt(variance);
  });
  return mapColumns(width, (x, column) => (x - (means[column] as number)) / (deviations[column] as number));
}

/** Shares of 0 and 1 would be infinitely far out: scikit-learn's bounds, and the normal quantiles there. */
const bound = 1e-7;
const [lowest, highest] = [-5.199337582605575, 5.19933758270342];

export interface QuantileOptions {
  /** Quantiles kept of each column, evenly spaced in rank; never more than rows. 1,000 unless given. */
  readonly quantiles?: number;
}

/**
 * Quantile-normal scaling: a value becomes the normal quantile of its rank among the training values, as
 * `QuantileTransformer(output_distribution='normal')`. Ranks come from all training rows, where scikit-learn
 * draws 10,000 of them; so nothing here is random. A constant column becomes the lowest bound, -5.199.
 * Throws BAD_DATA without rows.
 */
export function fitQuantileNormal(training: DenseRows, { quantiles = 1000 }: QuantileOptions = {}): Scaling {
  checkRows(training, { least: 1 });
  const kept = Math.max(1, Math.min(Math.floor(quantiles), training.count));
  const columns = Array.from({ length: training.width }, (_, column) =>
    evenQuantiles(sortedColumn(training, column), kept),
  );
  return mapColumns(training.width, (x, column) => {
    const levels = columns[column] as Float64Array;
    // The order of the two tests is scikit-learn's: where both hold, the lowest wins.
    if (x - bound < (levels[0] as number)) return lowest;
    if (x + bound > (levels[kept - 1] as number)) return highest;
    // A value that fills several quantiles stands for the middle of them.
    const share = (shareBelow(levels, x, true) + shareBelow(levels, x, false)) / 2;
    return Math.min(highest, Math.max(lowest, normalQuantile(share)));
  });
}

/** `kept` quantiles of ascending values, linear between neighbours (numpy's percentile). */
function evenQuantiles(sorted: Float32Array, kept: number): Float64Array {
  return Float64Array.from({ length: kept }, (_, i) => {
    const place = kept === 1 ? 0 : (i / (kept - 1)) * (sorted.length - 1);
    const before = Math.min(Math.floor(place), sorted.length - 1);
    const low = sorted[before] as number;
    const high = sorted[Math.min(before + 1, sorted.length - 1)] as number;
    return low + (place - before) * (high - low);
  });
}

/** The share of training values below x, linear between quantiles; of equal quantiles the last or the first counts. */
function shareBelow(levels: Float64Array, x: number, last: boolean): number {
  const after = countBelow(levels, x, last);
  const [low, high] = [levels[after - 1], levels[after]];
  if (low === undefined) return 0;
  if (high === undefined) return 1;
  return (after - 1 + (x - low) / (high - low)) / (levels.length - 1);
}

function mapColumns(width: number, scale: (x: number, column: number) => number): Scaling {
  return (rows) => {
    checkRows(rows, { width });
    const values = rows.values.map((x, at) => scale(x, at % width));
    return { values, count: rows.count, width };
  };
}

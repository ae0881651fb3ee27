// How far out a row lies in the tails of each column.
// Li et al., "ECOD: unsupervised outlier detection using empirical cumulative distribution functions" (2022).
import type { Baseline, DenseRows } from './baseline.ts';
import { checkRows, columnMeans, countBelow, createBreather, sortedColumn } from './dense-rows.ts';

export interface EcodOptions {
  /** Over what the largest is taken: three sums over the columns (the paper, default), or within each column (PyOD). */
  readonly maximum?: 'sums' | 'columns';
}

/** One column of the training rows. */
interface ColumnTails {
  /** Ascending [count]. */
  readonly sorted: Float32Array;
  /** Sign of the skewness: -1, 0 or 1. */
  readonly skew: number;
}

/**
 * Scores by -log tail probabilities, left P(at or below the value) and right P(at or above it), of each column.
 * The paper's algorithm 1 takes the largest of three sums over the columns: all left tails, all right tails, and of
 * each column the tail to which it is skewed (left where the skewness is negative, else right). PyOD's code differs:
 * it sums over columns max(skewed tail, mean of both tails), the skewed tail being both where the skewness is zero.
 *
 * Tails and skewness are those of the training rows only, where PyOD lets all rows that are scored together join
 * them, so that scores depend on their company. Here each row counts once beside the training rows: the rarest tail
 * is 1 / (count + 1), never zero.
 */
export function createEcod({ maximum = 'sums' }: EcodOptions = {}): Baseline {
  return {
    title: 'ECOD (Li et al. 2022)',
    async fit(training, { signal }) {
      checkRows(training, { least: 1 });
      const { width, count } = training;
      const breathe = createBreather(signal);
      const means = columnMeans(training);
      const columns: ColumnTails[] = [];
      for (let column = 0; column < width; column++) {
        await breathe();
        const sorted = sortedColumn(training, column);
        columns.push({ sorted, skew: skewSign(sorted, means[column] ?? 0) });
      }
      const tails = Float64Array.from(
        { length: count + 1 },
        (_, there) => -Math.log((there + 1) / (count + 1)),
      );
      const scoreRow = ({ values }: DenseRows, row: number): number => {
        let [allLeft, allRight, allSkewed, byColumn] = [0, 0, 0, 0];
        for (let column = 0; column < width; column++) {
          const { sorted, skew } = columns[column] as ColumnTails;
          const value = values[row * width + column] as number;
          const left = tails[countBelow(sorted, value, true)] as number;
          const right = tails[count - countBelow(sorted, value, false)] as number;
          allLeft += left;
          allRight += right;
          allSkewed += skew < 0 ? left : right;
          byColumn += Math.max(skew === 0 ? left + right : skew < 0 ? left : right, (left + right) / 2);
        }
        return maximum === 'sums' ? Math.max(allLeft, allRight, allSkewed) : byColumn;
      };
      return async (rows) => {
        checkRows(rows, { width });
        const scores = new Float32Array(rows.count);
        for (let row = 0; row < rows.count; row++) {
          await breathe();
          scores[row] = scoreRow(rows, row);
        }
        return scores;
      };
    },
  };
}

export const ecod = createEcod();

/** The sign of the third central moment; 0 for a constant column, whose mean may be rounded. */
function skewSign(sorted: Float32Array, mean: number): number {
  if (sorted[0] === sorted.at(-1)) return 0;
  let cubes = 0;
  for (const value of sorted) cubes += (value - mean) ** 3;
  return Math.sign(cubes);
}

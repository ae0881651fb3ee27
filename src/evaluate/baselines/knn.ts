// Distance to near normals. Ramaswamy, Rastogi and Shim, "Efficient algorithms for mining outliers from large data
// sets" (2000). Candidates come from matrix products in float32, the distances to them from float64.
import { runRows } from '../../detect/run-rows.ts';
import {
  add,
  constant,
  input,
  matmul,
  multiply,
  reshape,
  smallestIndices,
  toFloat,
} from '../../graph/operations.ts';
import { compile } from '../../runtime/session.ts';
import type { Baseline, DenseRows } from './baseline.ts';
import { checkRows, columnMeans } from './dense-rows.ts';

export interface KnnOptions {
  /** 5 unless given; at most the training rows. */
  readonly neighbours?: number;
  /** The distance to the farthest of the neighbours, as PyOD's KNN (default), or the mean of their distances. */
  readonly distance?: 'largest' | 'mean';
}

/** Training rows in one matrix product: with 256 rows at a time, 16 MiB of distances. */
const blockSize = 16_384;
/** Candidates beyond those asked for, so that rounding in float32 does not decide who is near. */
const spare = 8;

/**
 * Scores by the Euclidean distance to the nearest training rows. A training row that is scored is its own
 * neighbour, as in scikit-learn's `kneighbors(X)`. Memory grows with the rows, not with their product.
 */
export function createKnn({ neighbours = 5, distance = 'largest' }: KnnOptions = {}): Baseline {
  return {
    title: `${neighbours} nearest neighbours (Ramaswamy et al. 2000)`,
    async fit(training, { signal }) {
      checkRows(training, { least: 1 });
      const k = Math.min(neighbours, training.count);
      // Around their mean the rows are short, so that less is lost where their squared lengths cancel.
      const means = columnMeans(training);
      const known = centre(training, means);
      return async (rows) => {
        checkRows(rows, { width: training.width });
        const asked = centre(rows, means);
        const nearest = new Float64Array(rows.count * k).fill(Number.POSITIVE_INFINITY);
        for (let start = 0; start < known.count; start += blockSize) {
          await meetBlock(asked, rowsFrom(known, start, blockSize), nearest, k, signal);
        }
        return Float32Array.from({ length: rows.count }, (_, row) => {
          const distances = nearest.subarray(row * k, (row + 1) * k).map(Math.sqrt);
          if (distance === 'mean') return distances.reduce((sum, each) => sum + each, 0) / k;
          return distances[k - 1] as number;
        });
      };
    },
  };
}

export const knn = createKnn();

function centre({ values, count, width }: DenseRows, means: Float64Array): DenseRows {
  return { values: values.map((value, at) => value - (means[at % width] as number)), count, width };
}

function rowsFrom({ values, count, width }: DenseRows, start: number, most: number): DenseRows {
  const end = Math.min(count, start + most);
  return { values: values.subarray(start * width, end * width), count: end - start, width };
}

/** Lets a block of known rows into `nearest`: the k smallest squared distances so far of each row, ascending. */
async function meetBlock(
  asked: DenseRows,
  block: DenseRows,
  nearest: Float64Array,
  k: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { values, count, width } = block;
  const wanted = Math.min(count, k + spare);
  const norms = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += (values[row * width + j] as number) ** 2;
    norms[row] = sum;
  }
  // |x - y|^2 without |x|^2, which is the same for every y.
  const x = input('x', ['batch', width]);
  const table = constant(values, [count, width]);
  const far = add(multiply(matmul(x, table, { transposeB: true }), -2), constant(norms, [count]));
  const session = await compile({ rows: reshape(toFloat(smallestIndices(far, wanted)), ['batch', wanted]) });
  try {
    const candidates = await runRows(
      session,
      asked.count,
      { x: { values: asked.values, shape: [width] } },
      { rows: [wanted] },
      signal === undefined ? {} : { signal },
    );
    for (const [at, row] of (candidates.rows ?? new Float32Array()).entries()) {
      const to = Math.floor(at / wanted);
      let squared = 0;
      for (let j = 0; j < width; j++)
        squared += ((asked.values[to * width + j] as number) - (values[row * width + j] as number)) ** 2;
      insert(nearest.subarray(to * k, (to + 1) * k), squared);
    }
  } finally {
    await session.close();
  }
}

/** Puts a value into ascending ones, from which the largest drops out. */
function insert(ascending: Float64Array, value: number): void {
  let at = ascending.length - 1;
  if (!(value < (ascending[at] as number))) return;
  for (; at > 0 && value < (ascending[at - 1] as number); at--) ascending[at] = ascending[at - 1] as number;
  ascending[at] = value;
}

// How much each point cares for each other one: Gaussian affinities of the nearest points, each point's width chosen so
// that its distribution has the perplexity asked for. Van der Maaten & Hinton (2008), eqs. 1 and 2; of the nearest only,
// van der Maaten, "Accelerating t-SNE using tree-based algorithms" (2014), section 3.
import type { NearestPoints } from './nearest.ts';

/** A sparse symmetric matrix that sums to 1: row i has its entries at `starts[i]` to `starts[i + 1]`. */
export interface Affinities {
  readonly count: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

const mostSearches = 60;
const tolerance = 1e-5;

/** The joint probabilities (p(j|i) + p(i|j)) / 2n. */
export function affinitiesOf({ neighbours, rows, squared }: NearestPoints, perplexity: number): Affinities {
  const count = rows.length / neighbours;
  const conditional = new Float64Array(squared.length);
  for (let i = 0; i < count; i++) {
    const [from, to] = [i * neighbours, (i + 1) * neighbours];
    fillConditional(conditional.subarray(from, to), squared.subarray(from, to), Math.log(perplexity));
  }
  const directed: Affinities = {
    count,
    starts: Int32Array.from({ length: count + 1 }, (_, i) => i * neighbours),
    columns: rows,
    values: conditional,
  };
  const back = transpose(directed);
  // Twice transposed, a row's columns are in order.
  return merge(transpose(back), back, 1 / (2 * count));
}

/** Finds the precision at which the entropy is the one wanted, by bisection, and writes the probabilities. */
function fillConditional(target: Float64Array, squared: Float64Array, entropyWanted: number): void {
  let [beta, low, high] = [1, 0, Number.POSITIVE_INFINITY];
  const nearest = squared[0] ?? 0;
  for (let search = 0; search < mostSearches; search++) {
    let [sum, weighted] = [0, 0];
    for (const [k, distance] of squared.entries()) {
      // Relative to the nearest, so that no sum is ever zero.
      const value = Math.exp(-beta * (distance - nearest));
      target[k] = value;
      sum += value;
      weighted += value * (distance - nearest);
    }
    const entropy = Math.log(sum) + (beta * weighted) / sum;
    for (let k = 0; k < target.length; k++) target[k] = (target[k] as number) / sum;
    if (Math.abs(entropy - entropyWanted) < tolerance) return;
    if (entropy > entropyWanted) {
      low = beta;
      beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (beta + high) / 2;
    } else {
      high = beta;
      beta = (beta + low) / 2;
    }
  }
}

function transpose({ count, starts, columns, values }: Affinities): Affinities {
  const next = new Int32Array(count + 1);
  for (const column of columns) next[column + 1] = (next[column + 1] as number) + 1;
  for (let i = 0; i < count; i++) next[i + 1] = (next[i + 1] as number) + (next[i] as number);
  const turned = {
    count,
    starts: next.slice(),
    columns: new Int32Array(columns.length),
    values: new Float64Array(values.length),
  };
  for (let i = 0; i < count; i++) {
    for (let at = starts[i] as number; at < (starts[i + 1] as number); at++) {
      const column = columns[at] as number;
      const to = next[column] as number;
      next[column] = to + 1;
      turned.columns[to] = i;
      turned.values[to] = values[at] as number;
    }
  }
  return turned;
}

/** The sum of two matrices whose rows are in order of their columns, times a factor. */
function merge(a: Affinities, b: Affinities, factor: number): Affinities {
  const { count } = a;
  const starts = new Int32Array(count + 1);
  const columns = new Int32Array(a.columns.length + b.columns.length);
  const values = new Float64Array(columns.length);
  let to = 0;
  for (let i = 0; i < count; i++) {
    let [left, right] = [a.starts[i] as number, b.starts[i] as number];
    const [leftEnd, rightEnd] = [a.starts[i + 1] as number, b.starts[i + 1] as number];
    while (left < leftEnd || right < rightEnd) {
      const leftColumn = left < leftEnd ? (a.columns[left] as number) : count;
      const rightColumn = right < rightEnd ? (b.columns[right] as number) : count;
      const column = Math.min(leftColumn, rightColumn);
      let value = 0;
      if (leftColumn === column) value += a.values[left++] as number;
      if (rightColumn === column) value += b.values[right++] as number;
      columns[to] = column;
      values[to++] = value * factor;
    }
    starts[i + 1] = to;
  }
  return { count, starts, columns: columns.subarray(0, to), values: values.subarray(0, to) };
}

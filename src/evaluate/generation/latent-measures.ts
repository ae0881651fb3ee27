// The shape of a latent space: whether classes lie apart in it, and how far the codes are from their prior.
import { OddityError } from '../../errors.ts';
import { smallestIndices, toFloat } from '../../graph/operations.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import { frechetToStandardNormal, gaussianOf } from './frechet.ts';
import {
  type MeasureOptions,
  measurePoints,
  type Points,
  requirePoints,
  squaredDistances,
} from './points.ts';

export interface LatentMeasures {
  /** Share of codes whose k nearest others mostly have their class, 0..1; where there are two classes or more. */
  readonly neighbourAccuracy?: number;
  /** Mean silhouette of the classes, -1..1; where there are two classes or more. */
  readonly silhouette?: number;
  /** Squared Wasserstein distance of the codes, taken as a Gaussian, to N(0, I). */
  readonly priorDistance: number;
}

export interface LatentOptions extends MeasureOptions {
  /** Neighbours that vote; 10 unless given. */
  readonly neighbours?: number;
  /** Most codes whose silhouette is measured, drawn with `seed`; 2,000 unless given. */
  readonly silhouetteCodes?: number;
  readonly seed?: number | string;
}

/** Measures codes [count, dim] and, with `labels`, how well the classes keep apart. */
export async function measureLatent(
  codes: Points,
  labels?: Uint8Array,
  { neighbours = 10, silhouetteCodes = 2000, seed = 0, ...options }: LatentOptions = {},
): Promise<LatentMeasures> {
  const priorDistance = frechetToStandardNormal(gaussianOf(codes));
  if (labels === undefined || new Set(labels).size < 2) return { priorDistance };
  if (labels.length !== codes.count) {
    throw new OddityError('BAD_DATA', `expected ${codes.count} labels, got ${labels.length}`);
  }
  return {
    neighbourAccuracy: await neighbourAccuracy(codes, labels, neighbours, options),
    silhouette: silhouette(...drawCodes(codes, labels, silhouetteCodes, seed)),
    priorDistance,
  };
}

/**
 * Leave-one-out accuracy of the vote of the k nearest others; of tied classes the lowest number wins, as in
 * scikit-learn. Throws BAD_DATA for k codes or fewer.
 */
export async function neighbourAccuracy(
  codes: Points,
  labels: Uint8Array,
  neighbours: number,
  options: MeasureOptions = {},
): Promise<number> {
  requirePoints(codes, neighbours + 1, 'codes');
  const asked = neighbours + 1;
  const { nearest } = await measurePoints(
    codes,
    { nearest: asked },
    (x) => ({ nearest: toFloat(smallestIndices(squaredDistances(x, codes), asked)) }),
    options,
  );
  let correct = 0;
  for (let row = 0; row < codes.count; row++) {
    // Among copies of itself a code need not find itself first, nor at all.
    const others = nearest.subarray(row * asked, (row + 1) * asked).filter((other) => other !== row);
    const votes = new Uint32Array(256);
    for (const other of others.subarray(0, neighbours)) {
      const label = labels[other] ?? 0;
      votes[label] = (votes[label] ?? 0) + 1;
    }
    if (votes.indexOf(votes.reduce((most, each) => Math.max(most, each), 0)) === labels[row]) correct++;
  }
  return correct / codes.count;
}

/**
 * Mean over codes of (b - a) / max(a, b): a is the mean distance to the own class, b that to the nearest other class;
 * 0 for a class of one. Rousseeuw, "Silhouettes" (1987). Takes time quadratic in the codes.
 */
export function silhouette({ count, dimension, values }: Points, labels: Uint8Array): number {
  const sizes = new Uint32Array(256);
  for (const label of labels) sizes[label] = (sizes[label] ?? 0) + 1;
  const classes = [...sizes.keys()].filter((label) => (sizes[label] ?? 0) > 0);
  let total = 0;
  const sums = new Float64Array(256);
  for (let i = 0; i < count; i++) {
    const own = labels[i] ?? 0;
    if (sizes[own] === 1) continue;
    sums.fill(0);
    for (let j = 0; j < count; j++) {
      let squared = 0;
      for (let k = 0; k < dimension; k++) {
        squared += ((values[i * dimension + k] ?? 0) - (values[j * dimension + k] ?? 0)) ** 2;
      }
      const label = labels[j] ?? 0;
      sums[label] = (sums[label] ?? 0) + Math.sqrt(squared);
    }
    const a = (sums[own] ?? 0) / ((sizes[own] ?? 0) - 1);
    const b = Math.min(
      ...classes.filter((label) => label !== own).map((label) => (sums[label] ?? 0) / (sizes[label] ?? 1)),
    );
    if (a !== b) total += (b - a) / Math.max(a, b);
  }
  return total / count;
}

function drawCodes(
  codes: Points,
  labels: Uint8Array,
  most: number,
  seed: number | string,
): [Points, Uint8Array] {
  const { count, dimension, values } = codes;
  if (count <= most) return [codes, labels];
  const rows = permutation(count, createRandom(`${seed}/silhouette`)).subarray(0, most);
  const chosen = new Float32Array(most * dimension);
  for (const [i, row] of rows.entries()) {
    chosen.set(values.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  }
  return [{ count: most, dimension, values: chosen }, Uint8Array.from(rows, (row) => labels[row] ?? 0)];
}

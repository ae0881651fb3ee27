// A mixture of Gaussians over points: several kinds of normal, each with its own centre and covariance.
// Expectation-maximisation: Dempster, Laird & Rubin (1977). Each covariance is drawn towards a common one, so that
// small sets and narrow kinds are safe: Fraley & Raftery, "Bayesian regularization for normal mixture estimation"
// (2007), section 2. The sums run as a graph; what is left is small.
import { Matrix } from 'ml-matrix';
import {
  concat,
  constant,
  exp,
  input,
  logSumExp,
  matmul,
  multiply,
  reduceSum,
  reshape,
  slice,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { createRandom } from '../nn/random.ts';
import { compile, createBuffer, type SessionOptions } from '../runtime/session.ts';
import { whitenCovariance } from './cholesky-whitening.ts';
import { momentsOf } from './moments.ts';

/** K components over `dimension` coordinates. */
export interface Mixture {
  readonly components: number;
  readonly dimension: number;
  /** Logarithms of the weights less those of the determinants' roots [components]. */
  readonly offsets: Float32Array;
  /** [components, dimension] */
  readonly centers: Float32Array;
  /** Inverse Cholesky factors side by side [dimension, components * dimension]. */
  readonly whitening: Float32Array;
}

export interface MixtureOptions {
  readonly components: number;
  readonly seed: number | string;
  readonly session?: SessionOptions;
}

const iterations = 25;
/** Added to every variance. */
const ridge = 1e-3;

/** log of each component's weighted density at x [batch, dimension], less a constant: [batch, components]. */
function logDensities(
  x: Tensor,
  offsets: Tensor,
  shifts: Tensor,
  whitening: Tensor,
  components: number,
): Tensor {
  const batch = x.shape[0] ?? 1;
  const dimension = Number(x.shape[1]);
  const white = subtract(matmul(x, whitening), shifts);
  const squares = reduceSum(square(reshape(white, [batch, components, dimension])), [2]);
  return subtract(offsets, multiply(squares, 0.5));
}

/** Where the centres lie after whitening: [components * dimension]. */
function shiftsOf({ centers, whitening, components, dimension }: Mixture): Float32Array {
  const shifts = new Float32Array(components * dimension);
  for (let k = 0; k < components; k++) {
    for (let j = 0; j < dimension; j++) {
      let sum = 0;
      for (let i = 0; i < dimension; i++) {
        sum += (centers[k * dimension + i] ?? 0) * (whitening[(i * components + k) * dimension + j] ?? 0);
      }
      shifts[k * dimension + j] = sum;
    }
  }
  return shifts;
}

/** -log of the mixture's density at x [batch, dimension], less a constant: [batch]. */
export function mixtureSurprise(x: Tensor, mixture: Mixture): Tensor {
  const { components, dimension, offsets, whitening } = mixture;
  const densities = logDensities(
    x,
    constant(offsets, [components]),
    constant(shiftsOf(mixture), [components * dimension]),
    constant(whitening, [dimension, components * dimension]),
    components,
  );
  return multiply(logSumExp(densities, 1), -1);
}

/** Components that so many points can tell apart: ten points for each, and more of them than dimensions. */
export const mostComponents = (count: number, dimension: number): number =>
  Math.max(1, Math.floor(count / Math.max(10, dimension + 1)));

/** Fits a mixture to points [count, dimension], of as many components as wanted or as there can be. */
export async function fitMixture(
  points: Float32Array,
  dimension: number,
  { components: wanted, seed, session }: MixtureOptions,
): Promise<Mixture> {
  const count = points.length / dimension;
  const components = Math.min(wanted, mostComponents(count, dimension));
  const { covariance } = momentsOf(points, dimension);
  // Kinds share the space out: each is expected to be as much narrower.
  const prior = covariance.mul(components ** (-2 / dimension)).add(Matrix.eye(dimension, dimension, ridge));
  const strength = dimension + 2;
  let sums = sumsOfLabels(points, dimension, components, nearestCentres(points, dimension, components, seed));
  if (components === 1) return mixtureOf([sums[0] as Sums], dimension, prior, strength, count);
  const step = await compileSums(dimension, components, session);
  try {
    for (let i = 0; i < iterations; i++) {
      sums = await step.run(points, mixtureOf(sums, dimension, prior, strength, count));
    }
  } finally {
    await step.close();
  }
  return mixtureOf(sums, dimension, prior, strength, count);
}

/** Weighted sums over points: how many, of points, of their products with themselves. */
interface Sums {
  readonly weight: number;
  /** [dimension] */
  readonly first: Float32Array;
  /** [dimension, dimension] */
  readonly second: Float32Array;
}

/** The components whose sums these are: posterior means of their covariances. */
function mixtureOf(
  sums: readonly Sums[],
  dimension: number,
  prior: Matrix,
  strength: number,
  count: number,
): Mixture {
  const components = sums.length;
  const offsets = new Float32Array(components);
  const centers = new Float32Array(components * dimension);
  const whitening = new Float32Array(components * dimension * dimension);
  for (const [k, { weight, first, second }] of sums.entries()) {
    const center = Matrix.columnVector(Array.from(first, (sum) => sum / Math.max(weight, 1e-9)));
    const scatter = Matrix.from1DArray(dimension, dimension, second).sub(
      center.mmul(center.transpose()).mul(weight),
    );
    const covariance = scatter
      .add(Matrix.mul(prior, strength))
      .div(weight + strength)
      .add(Matrix.eye(dimension, dimension, ridge));
    const { whitening: white, logRoot } = whitenCovariance(covariance);
    offsets[k] = Math.log((weight + 1) / (count + components)) - logRoot;
    for (let i = 0; i < dimension; i++) {
      centers[k * dimension + i] = center.get(i, 0);
      for (let j = 0; j < dimension; j++) {
        whitening[(i * components + k) * dimension + j] = white.get(i, j);
      }
    }
  }
  return { components, dimension, offsets, centers, whitening };
}

/** One round of expectation and sums over all points, as a graph that is fed the mixture. */
async function compileSums(dimension: number, components: number, options?: SessionOptions) {
  const x = input('x', ['rows', dimension]);
  const densities = logDensities(
    x,
    input('offsets', [components]),
    input('shifts', [components * dimension]),
    input('whitening', [dimension, components * dimension]),
    components,
  );
  const shares = exp(subtract(densities, logSumExp(densities, 1, true)));
  const seconds = Array.from({ length: components }, (_, k) =>
    matmul(multiply(x, slice(shares, 1, k, k + 1)), x, { transposeA: true }),
  );
  const session = await compile(
    {
      weights: reduceSum(shares, [0]),
      firsts: matmul(shares, x, { transposeA: true }),
      seconds: concat(seconds, 0),
    },
    options,
  );
  const shapes = {
    weights: [components],
    firsts: [components, dimension],
    seconds: [components * dimension, dimension],
  };
  return {
    async run(points: Float32Array, mixture: Mixture): Promise<Sums[]> {
      const fetches = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [
          name,
          createBuffer(new Float32Array(shape.reduce((product, n) => product * n, 1)), shape),
        ]),
      );
      const feeds = {
        x: createBuffer(points, [points.length / dimension, dimension]),
        offsets: createBuffer(mixture.offsets, [components]),
        shifts: createBuffer(shiftsOf(mixture), [components * dimension]),
        whitening: createBuffer(mixture.whitening, [dimension, components * dimension]),
      };
      await session.run(feeds, fetches);
      const found = (name: string): Float32Array => fetches[name]?.values ?? new Float32Array();
      return Array.from({ length: components }, (_, k) => ({
        weight: found('weights')[k] ?? 0,
        first: found('firsts').subarray(k * dimension, (k + 1) * dimension),
        second: found('seconds').subarray(k * dimension ** 2, (k + 1) * dimension ** 2),
      }));
    },
    close: () => session.close(),
  };
}

function sumsOfLabels(
  points: Float32Array,
  dimension: number,
  components: number,
  labels: Uint16Array,
): Sums[] {
  const sums = Array.from({ length: components }, () => ({
    weight: 0,
    first: new Float32Array(dimension),
    second: new Float32Array(dimension ** 2),
  }));
  for (const [row, label] of labels.entries()) {
    const sum = sums[label];
    if (sum === undefined) continue;
    const point = points.subarray(row * dimension, (row + 1) * dimension);
    sum.weight++;
    for (let i = 0; i < dimension; i++) {
      const value = point[i] ?? 0;
      sum.first[i] = (sum.first[i] ?? 0) + value;
      for (let j = 0; j < dimension; j++) {
        const at = i * dimension + j;
        sum.second[at] = (sum.second[at] ?? 0) + value * (point[j] ?? 0);
      }
    }
  }
  return sums;
}

/** Lloyd's rounds over the points from centres spread out by k-means++ (Arthur & Vassilvitskii 2007). */
function nearestCentres(
  points: Float32Array,
  dimension: number,
  components: number,
  seed: number | string,
): Uint16Array {
  const count = points.length / dimension;
  const labels = new Uint16Array(count);
  if (components === 1) return labels;
  const random = createRandom(`${seed}/centres`);
  const centers = new Float64Array(components * dimension);
  const distance = (row: number, k: number): number => {
    let sum = 0;
    for (let i = 0; i < dimension; i++) {
      sum += ((points[row * dimension + i] ?? 0) - (centers[k * dimension + i] ?? 0)) ** 2;
    }
    return sum;
  };
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let chosen = random.integer(count);
  for (let k = 0; k < components; k++) {
    centers.set(points.subarray(chosen * dimension, (chosen + 1) * dimension), k * dimension);
    let total = 0;
    for (let row = 0; row < count; row++) {
      nearest[row] = Math.min(nearest[row] ?? 0, distance(row, k));
      total += nearest[row] ?? 0;
    }
    let left = random.uniform() * total;
    for (chosen = 0; chosen < count - 1 && left > (nearest[chosen] ?? 0); chosen++)
      left -= nearest[chosen] ?? 0;
  }
  for (let round = 0; round < 10; round++) {
    const counts = new Uint32Array(components);
    const sums = new Float64Array(components * dimension);
    for (let row = 0; row < count; row++) {
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < components; k++) {
        const each = distance(row, k);
        if (each < least) [best, least] = [k, each];
      }
      labels[row] = best;
      counts[best] = (counts[best] ?? 0) + 1;
      for (let i = 0; i < dimension; i++) {
        sums[best * dimension + i] = (sums[best * dimension + i] ?? 0) + (points[row * dimension + i] ?? 0);
      }
    }
    for (let k = 0; k < components; k++) {
      const size = counts[k] ?? 0;
      if (size === 0) continue;
      for (let i = 0; i < dimension; i++) centers[k * dimension + i] = (sums[k * dimension + i] ?? 0) / size;
    }
  }
  return labels;
}

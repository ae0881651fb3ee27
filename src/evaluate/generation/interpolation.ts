// How smoothly images change along a path through latent space.
// Karras et al., "A style-based generator architecture for generative adversarial networks" (2019), section 4.1.
import type { ImageSet } from '../../data/dataset.ts';
import { OddityError } from '../../errors.ts';
import { type Points, requirePoints } from './points.ts';

export interface InterpolationMeasures {
  /**
   * Perceptual path length: the mean squared speed of the features along a path, which takes unit time, over the
   * squared mean distance of two real images. 1 for a path as long as that distance, walked evenly; grows with detours
   * and with leaps. The original takes steps of 1e-4, which pixels of 8 bits would round away.
   */
  readonly pathLength: number;
  /** Mean square of a path's steps over the square of their mean, mean over paths: 1 for even steps, `steps` for one leap. */
  readonly unevenness: number;
}

export interface InterpolationOptions {
  /** Steps of each path; 16 unless given. */
  readonly steps?: number;
  /** Spherical paths keep to the shell where normal draws lie (White, "Sampling generative networks", 2016); the default. */
  readonly path?: 'spherical' | 'linear';
}

/**
 * Walks from each of the latent vectors `from` to its partner in `to`. `decode` turns latent vectors into images,
 * `features` images into points, and `realDistance` is the mean distance of two real images' features.
 */
export async function interpolationMeasures(
  ends: { readonly from: Points; readonly to: Points },
  decode: (latents: Points) => Promise<ImageSet>,
  features: (images: ImageSet) => Promise<Points>,
  realDistance: number,
  { steps = 16, path = 'spherical' }: InterpolationOptions = {},
): Promise<InterpolationMeasures> {
  const { from, to } = ends;
  requirePoints(from, 1, 'pairs of latent vectors');
  if (from.count !== to.count || from.dimension !== to.dimension) {
    throw new OddityError(
      'BAD_DATA',
      `expected as many ends as starts, got ${from.count}x${from.dimension} and ${to.count}x${to.dimension}; give pairs`,
    );
  }
  const { dimension, count } = from;
  const stops = steps + 1;
  const values = new Float32Array(count * stops * dimension);
  for (let pair = 0; pair < count; pair++) {
    const [a, b] = [from, to].map((each) =>
      each.values.subarray(pair * dimension, (pair + 1) * dimension),
    ) as [Float32Array, Float32Array];
    const weightsAt = path === 'spherical' ? sphericalWeights(a, b) : linearWeights;
    for (let stop = 0; stop < stops; stop++) {
      const [left, right] = weightsAt(stop / steps);
      const target = values.subarray((pair * stops + stop) * dimension);
      for (let i = 0; i < dimension; i++) target[i] = left * (a[i] ?? 0) + right * (b[i] ?? 0);
    }
  }
  const looks = await features(await decode({ count: count * stops, dimension, values }));
  let [pathLength, unevenness] = [0, 0];
  for (let pair = 0; pair < count; pair++) {
    let [sum, squares] = [0, 0];
    for (let step = 0; step < steps; step++) {
      const square = squaredStep(looks, pair * stops + step);
      sum += Math.sqrt(square);
      squares += square;
    }
    pathLength += (steps * squares) / (count * realDistance ** 2);
    // A path that stands still is even.
    unevenness += (sum > 0 ? (steps * squares) / sum ** 2 : 1) / count;
  }
  return { pathLength, unevenness };
}

type Weights = (t: number) => readonly [number, number];
const linearWeights: Weights = (t) => [1 - t, t];

/** Shoemake, "Animating rotation with quaternion curves" (1985); straight where the ends are (anti)parallel. */
function sphericalWeights(a: Float32Array, b: Float32Array): Weights {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0);
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))));
  const sine = Math.sin(angle);
  if (!(sine > 1e-4)) return linearWeights;
  return (t) => [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

function squaredStep({ values, dimension }: Points, row: number): number {
  let sum = 0;
  for (let i = row * dimension; i < (row + 1) * dimension; i++) {
    sum += ((values[i + dimension] ?? 0) - (values[i] ?? 0)) ** 2;
  }
  return sum;
}

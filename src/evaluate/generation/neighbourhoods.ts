// How well samples lie where real images lie (precision, density), and reach all of them (recall, coverage).
// Each point's ball reaches to its k-th nearest fellow; the balls together stand for the set's support.
// Kynkäänniemi et al., "Improved precision and recall metric" (2019), k = 3; Naeem et al., "Reliable fidelity and
// diversity metrics" (2020), k = 5. A point on a ball's rim lies outside, as in Naeem et al.'s code.
import { constant, isPositive, reduceMax, reduceSum, smallest, subtract } from '../../graph/operations.ts';
import { type MeasureOptions, measurePoints, type SpacedPoints, squaredDistances } from './points.ts';

const precisionNeighbours = 3;
const densityNeighbours = 5;
/** How many neighbours `spacePoints` must measure for `neighbourhoodMeasures`. */
export const neighboursNeeded = Math.max(precisionNeighbours, densityNeighbours);

export interface NeighbourhoodMeasures {
  /** Share of samples inside some real image's ball, 0..1. Kind to odd samples: an odd real image has a wide ball. */
  readonly precision: number;
  /** Share of real images inside some sample's ball, 0..1. */
  readonly recall: number;
  /** Real balls that hold a sample, as a share of k, mean over samples; 1 where the two sets are alike, may exceed 1. */
  readonly density: number;
  /** Share of real images whose ball holds a sample, 0..1. */
  readonly coverage: number;
}

/** Compares two sets of points of one dimension, both spaced with `neighboursNeeded` neighbours. */
export async function neighbourhoodMeasures(
  samples: SpacedPoints,
  real: SpacedPoints,
  options: MeasureOptions = {},
): Promise<NeighbourhoodMeasures> {
  const small = constant(squaredRadii(real, precisionNeighbours), [real.count]);
  const large = constant(squaredRadii(real, densityNeighbours), [real.count]);
  const ofSamples = await measurePoints(
    samples,
    { inside: 1, balls: 1 },
    (x) => {
      const squared = squaredDistances(x, real);
      return {
        inside: isPositive(reduceMax(subtract(small, squared), [1], true)),
        balls: reduceSum(isPositive(subtract(large, squared)), [1], true),
      };
    },
    options,
  );
  const reach = constant(squaredRadii(samples, precisionNeighbours), [samples.count]);
  const ofReal = await measurePoints(
    real,
    { inside: 1, nearest: 1 },
    (x) => {
      const squared = squaredDistances(x, samples);
      return {
        inside: isPositive(reduceMax(subtract(reach, squared), [1], true)),
        nearest: smallest(squared, 1),
      };
    },
    options,
  );
  const radii = squaredRadii(real, densityNeighbours);
  return {
    precision: mean(ofSamples.inside),
    recall: mean(ofReal.inside),
    density: mean(ofSamples.balls) / densityNeighbours,
    coverage: mean(ofReal.nearest.map((distance, i) => Number(distance < (radii[i] ?? 0)))),
  };
}

/** Squared distances of points to their k-th nearest fellow [count]. */
function squaredRadii({ count, nearest, neighbours }: SpacedPoints, k: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (nearest[i * neighbours + k - 1] ?? 0) ** 2);
}

const mean = (values: Float32Array): number => values.reduce((sum, each) => sum + each, 0) / values.length;

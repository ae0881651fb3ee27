// The directions of heavy tails: found under a rotation, the same under any linear map, half of them for a Gaussian.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitInvariantCoordinates } from '../../src/detect/invariant-coordinates.ts';
import { gaussianOf } from '../../src/detect/references.ts';
import type { Gaussian } from '../../src/detect/terms.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';

/** Squared distance of one row in the coordinates. */
function distanceOf(row: ArrayLike<number>, { center, whitening }: Gaussian): number {
  const dimension = center.length;
  let sum = 0;
  for (let axis = 0; axis < dimension; axis++) {
    let value = 0;
    for (let i = 0; i < dimension; i++) value += (row[i]! - center[i]!) * whitening[i * dimension + axis]!;
    sum += value ** 2;
  }
  return sum;
}

const rowsOf = (points: Float32Array, dimension: number): Float32Array[] =>
  Array.from({ length: points.length / dimension }, (_, row) =>
    points.subarray(row * dimension, (row + 1) * dimension),
  );

/** Columns that are not all zeros. */
const keptOf = ({ center, whitening }: Gaussian): number => {
  const dimension = center.length;
  return [...center.keys()].filter((axis) =>
    [...center.keys()].some((i) => whitening[i * dimension + axis] !== 0),
  ).length;
};

/** Each row times a matrix given by its rows. */
function mapped(points: Float32Array, matrix: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(
    rowsOf(points, matrix.length).flatMap((row) =>
      matrix.map((_, j) => matrix.reduce((sum, each, i) => sum + row[i]! * each[j]!, 0)),
    ),
  );
}

/** A rotation of four axes none of which stays: the matrix of a unit quaternion. */
const turn = (() => {
  const [a, b, c, d] = [0.5, 0.1, -0.7, Math.sqrt(1 - 0.25 - 0.01 - 0.49)] as const;
  return [
    [a, b, c, d],
    [-b, a, -d, c],
    [-c, d, a, -b],
    [-d, -c, b, a],
  ];
})();

/** Four independent columns of which the first has heavy tails (a cube over its deviation, the root of 15). */
function heavyRows(count: number, key: string): Float32Array {
  const points = fillNormal(new Float32Array(count * 4), createRandom(key));
  return points.map((value, i) => (i % 4 === 0 ? value ** 3 / Math.sqrt(15) : value));
}

test('a direction of heavy tails that a rotation hides is kept, and rows far along it score high', () => {
  const points = mapped(heavyRows(4000, 'heavy'), turn);
  const gaussian = gaussianOf(points, 4);
  const coordinates = fitInvariantCoordinates(points, gaussian);
  assert.equal(keptOf(coordinates), 2);
  const farAlong = (axis: number): number[] => turn[axis]!.map((value, i) => gaussian.center[i]! + 8 * value);
  const heavy = distanceOf(farAlong(0), coordinates);
  // Eighth moments of heavy tails converge slowly: an axis that is off by a tenth of a radian loses a hundredth.
  const whole = distanceOf(farAlong(0), gaussian);
  assert.ok(heavy > 0.97 * whole && heavy < 1.0001 * whole, `${heavy} of ${whole}`);
  const scores = rowsOf(points, 4).map((row) => distanceOf(row, coordinates));
  assert.ok(heavy > scores.sort((a, b) => a - b)[Math.floor(0.98 * scores.length)]!);
  // Of the three others one is kept: two thirds of what lies along them is gone.
  const others = [1, 2, 3].map((axis) => distanceOf(farAlong(axis), coordinates));
  const [kept, all] = [others, [1, 2, 3].map((axis) => distanceOf(farAlong(axis), gaussian))].map((each) =>
    each.reduce((sum, value) => sum + value, 0),
  );
  assert.ok(Math.abs(kept! / all! - 1 / 3) < 0.03, `${kept} of ${all}`);
});

test('scores stay the same under an invertible linear map of the rows', () => {
  const map = [
    [2, 1, 0, -1],
    [0, 0.5, 3, 0],
    [1, -1, 1, 0.2],
    [0.3, 0, 0.1, 5],
  ];
  const points = heavyRows(2000, 'affine');
  const [before, after] = [points, mapped(points, map)].map((rows) => {
    // A share of the mean variance is no affine notion: without it (the floor of 1e-6 stays).
    const coordinates = fitInvariantCoordinates(rows, gaussianOf(rows, 4, 0));
    return rowsOf(rows, 4).map((row) => distanceOf(row, coordinates));
  });
  for (const [row, score] of before!.entries()) {
    const difference = Math.abs(after![row]! - score);
    assert.ok(difference <= 1e-3 * Math.max(1, score), `${row}: ${after![row]}, expected ${score}`);
  }
});

test('of a Gaussian half of the directions are kept, rounded up', () => {
  for (const [dimension, kept] of [
    [1, 1],
    [5, 3],
    [6, 3],
  ] as const) {
    const points = fillNormal(new Float32Array(20_000 * dimension), createRandom(`gauss/${dimension}`));
    assert.equal(keptOf(fitInvariantCoordinates(points, gaussianOf(points, dimension))), kept);
  }
});

test('all directions are kept where all have heavy tails, and the score is the Mahalanobis distance', () => {
  const random = createRandom('all');
  const points = Float32Array.from(
    Array.from({ length: 4000 }, () => {
      // One scale for the whole row, as in a multivariate t.
      const scale = Math.exp(random.normal());
      return [0, 1, 2].map(() => scale * random.normal());
    }).flat(),
  );
  const gaussian = gaussianOf(points, 3);
  const coordinates = fitInvariantCoordinates(points, gaussian);
  assert.equal(keptOf(coordinates), 3);
  for (const row of rowsOf(points, 3).slice(0, 50)) {
    const [ours, whole] = [distanceOf(row, coordinates), distanceOf(row, gaussian)];
    // Float32 matrices: 1e-5.
    assert.ok(Math.abs(ours - whole) <= 1e-5 * Math.max(1, whole), `${ours}, expected ${whole}`);
  }
});

test('a constant column leaves everything finite', () => {
  const points = heavyRows(500, 'constant').map((value, i) => (i % 4 === 2 ? 7 : value));
  const coordinates = fitInvariantCoordinates(points, gaussianOf(points, 4));
  assert.ok(coordinates.whitening.every(Number.isFinite));
  assert.ok(rowsOf(points, 4).every((row) => Number.isFinite(distanceOf(row, coordinates))));
});

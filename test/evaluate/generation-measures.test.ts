// The measures of generated images that need no classifier: against numpy, scipy and scikit-learn
// (generation-reference.py), against closed forms, and on cases whose answer is plain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageSet } from '../../src/data/dataset.ts';
import {
  frechetDistance,
  frechetToStandardNormal,
  gaussianOf,
} from '../../src/evaluate/generation/frechet.ts';
import {
  laplacianVariance,
  memorisation,
  relativeSharpness,
} from '../../src/evaluate/generation/image-measures.ts';
import { interpolationMeasures } from '../../src/evaluate/generation/interpolation.ts';
import {
  measureLatent,
  neighbourAccuracy,
  silhouette,
} from '../../src/evaluate/generation/latent-measures.ts';
import { classHistogram, nearDuplicateRate } from '../../src/evaluate/generation/modes.ts';
import { neighbourhoodMeasures } from '../../src/evaluate/generation/neighbourhoods.ts';
import {
  nearestDistances,
  type Points,
  spacePoints,
  toPoints,
} from '../../src/evaluate/generation/points.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';

const session = { threads: 1 };
const options = { session };

/** The same points as in generation-reference.py. */
function points(count: number, dimension: number, seed: number): Points {
  const values = Float32Array.from({ length: count * dimension }, (_, i) => {
    const digits = (i * 7919 + 17 * ((i * i) % 89) + 31 * seed * (i % 13)) % 1009;
    return digits / 100 + 0.01 * seed * (i % dimension);
  });
  return { count, dimension, values };
}
const [a, b] = [points(300, 6, 1), points(280, 6, 40)];
const labels = Uint8Array.from({ length: a.count }, (_, i) => {
  const at = (axis: number): number => a.values[i * 6 + axis]!;
  return Number(at(0) + at(1) > 10) + Number(at(2) > 6);
});

function normals(count: number, dimension: number, seed: number, deviation = 1, center = 0): Points {
  const draws = fillNormal(new Float32Array(count * dimension), createRandom(seed));
  return { count, dimension, values: draws.map((z) => center + deviation * z) };
}

const near = (actual: number | undefined, expected: number, tolerance = 1e-6): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= tolerance, `${actual}, expected ${expected}`);

async function compare(samples: Points, real: Points) {
  return neighbourhoodMeasures(
    await spacePoints(samples, 5, options),
    await spacePoints(real, 5, options),
    options,
  );
}

function images(count: number, shape: ImageSet['shape'], pixel: (index: number) => number): ImageSet {
  const pixels = Uint8Array.from({ length: count * shape[0] * shape[1] * shape[2] }, (_, i) => pixel(i));
  return { shape, count, pixels };
}

test('the Fréchet distance is scipy’s, and symmetric', () => {
  const [first, second] = [gaussianOf(a), gaussianOf(b)];
  near(frechetDistance(first, second), 10.82788708210648);
  near(frechetDistance(second, first), 10.82788708210648);
  near(frechetDistance(first, first), 0, 1e-9);
  near(frechetToStandardNormal(first), 177.38666573986313);
});

test('on one axis the Fréchet distance is (m1 - m2)^2 + (s1 - s2)^2', () => {
  // Deviations 1 and 3 with n - 1 = 1: two points at +-1/sqrt(2) times the deviation.
  const pair = (center: number, deviation: number): Points =>
    toPoints(Float32Array.of(center - deviation * Math.SQRT1_2, center + deviation * Math.SQRT1_2), 1);
  near(frechetDistance(gaussianOf(pair(0, 1)), gaussianOf(pair(5, 3))), 25 + 4, 1e-5);
  near(frechetToStandardNormal(gaussianOf(pair(2, 4))), 4 + 9, 1e-5);
});

test('features that never vary, and fewer points than features, have a Fréchet distance', () => {
  const flat = toPoints(new Float32Array(40), 4);
  const moved = toPoints(new Float32Array(40).fill(3), 4);
  near(frechetDistance(gaussianOf(flat), gaussianOf(moved)), 36);
  near(frechetToStandardNormal(gaussianOf(flat)), 4);
  const few = normals(5, 20, 1);
  near(frechetDistance(gaussianOf(few), gaussianOf(few)), 0, 1e-5);
  assert.throws(() => gaussianOf(toPoints(new Float32Array(4), 4)), { code: 'BAD_DATA' });
  assert.throws(() => toPoints(new Float32Array(5), 4), { code: 'BAD_DATA' });
});

test('precision, recall, density and coverage are numpy’s', async () => {
  const measures = await compare(a, b);
  near(measures.precision, 0.8566666666666667);
  near(measures.recall, 0.8428571428571429);
  near(measures.density, 0.8386666666666667);
  near(measures.coverage, 0.9035714285714286);
});

test('precision falls for samples outside, recall for modes left out', async () => {
  const real = normals(400, 4, 1);
  const far = await compare(normals(400, 4, 2, 1, 100), real);
  assert.deepEqual(far, { precision: 0, recall: 0, density: 0, coverage: 0 });
  const narrow = await compare(normals(400, 4, 3, 0.2), real);
  assert.ok(
    narrow.precision > 0.99 && narrow.recall < 0.3 && narrow.density > 1.1 && narrow.coverage < 0.6,
    JSON.stringify(narrow),
  );
  const wide = await compare(normals(400, 4, 4, 4), real);
  assert.ok(wide.precision < 0.4 && wide.recall > 0.8, JSON.stringify(wide));
  const alike = await compare(normals(400, 4, 5), real);
  assert.ok(alike.precision > 0.8 && alike.recall > 0.8, JSON.stringify(alike));
  near(alike.density, 1, 0.1);
});

test('six points on a line, by hand', async () => {
  // Radii to the third neighbour: 3, 2, 2, 2, 2, 3; to the fifth: 5, 4, 3, 3, 4, 5.
  const real = toPoints(Float32Array.of(0, 1, 2, 3, 4, 5), 1);
  const spaced = await spacePoints(real, 5, options);
  assert.deepEqual([...spaced.nearest.subarray(0, 10)], [1, 2, 3, 4, 5, 1, 1, 2, 3, 4]);
  near(spaced.meanDistance, 35 / 15);
  // 7 lies within 3 of 5; 8 on that ball's rim, which is outside; 9 and beyond are far.
  const measures = await compare(toPoints(Float32Array.of(7, 8, 9, 20, 30, 40), 1), real);
  near(measures.precision, 1 / 6);
  // Five neighbours' balls: 7 in those of 4 (rim 8), 5 (rim 10); 8 and 9 in that of 5.
  near(measures.density, 4 / 6 / 5);
  near(measures.coverage, 2 / 6);
});

test('sets larger than one batch, and sets too small', async () => {
  const [many, others] = [normals(700, 3, 1), normals(600, 3, 2)];
  const nearest = await nearestDistances(many, others, 2, options);
  for (const row of [0, 255, 256, 699]) {
    const distances = Array.from({ length: others.count }, (_, j) =>
      Math.hypot(...[0, 1, 2].map((k) => many.values[row * 3 + k]! - others.values[j * 3 + k]!)),
    ).sort((x, y) => x - y);
    near(nearest[row * 2], distances[0]!, 1e-3);
    near(nearest[row * 2 + 1], distances[1]!, 1e-3);
  }
  await assert.rejects(spacePoints(normals(5, 3, 1), 5, options), { code: 'BAD_DATA' });
  const signal = AbortSignal.abort();
  await assert.rejects(spacePoints(many, 5, { ...options, signal }), { code: 'ABORTED' });
});

test('the mean distance is numpy’s', async () => {
  near((await spacePoints(a, 5, options)).meanDistance, 9.753486457740873, 1e-4);
});

test('the class histogram and its distance from uniform', () => {
  assert.deepEqual(classHistogram([0, 1, 2, 3], 4), { counts: [1, 1, 1, 1], missing: [], divergence: 0 });
  const one = classHistogram([2, 2, 2], 4);
  assert.deepEqual(
    [one.counts, one.missing],
    [
      [0, 0, 3, 0],
      [0, 1, 3],
    ],
  );
  near(one.divergence, Math.log(4));
  near(classHistogram([0, 0, 0, 1], 2).divergence, 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5));
});

test('real images score the quantile as near duplicates, repeats score far above', async () => {
  const real = await spacePoints(normals(1000, 5, 1), 1, options);
  // Two images that are each other's nearest lie equally far apart: where the quantile falls between them, one less.
  near(nearDuplicateRate(real, real), 0.01, 0.0011);
  near(nearDuplicateRate(real, real, 0.05), 0.05, 0.0011);
  const fresh = await spacePoints(normals(1000, 5, 2), 1, options);
  assert.ok(nearDuplicateRate(fresh, real) < 0.03);
  const half = normals(500, 5, 3).values;
  const repeated = new Float32Array(1000 * 5);
  repeated.set(half);
  repeated.set(half, half.length);
  assert.ok(nearDuplicateRate(await spacePoints(toPoints(repeated, 5), 1, options), real) > 0.99);
});

test('the variance of the Laplacian: flat images none, a point by hand, blur less', () => {
  assert.equal(laplacianVariance(images(2, [5, 4, 3], () => 77)), 0);
  // One bright pixel in the middle of 3 x 3 gives one inner value; of 4 x 4, the values -400, 100, 100, 0.
  const point = images(1, [4, 4, 1], (i) => (i === 5 ? 100 : 0));
  near(laplacianVariance(point), (400 ** 2 + 100 ** 2 + 100 ** 2) / 4 - 50 ** 2);
  const stripes = images(1, [8, 8, 1], (i) => 255 * (i % 2));
  const pale = images(1, [8, 8, 1], (i) => 51 * (i % 2));
  near(relativeSharpness(pale, stripes), 1 / 25);
  assert.throws(() => laplacianVariance(images(1, [2, 2, 1], () => 0)), { code: 'BAD_DATA' });
  assert.throws(() => laplacianVariance(images(0, [4, 4, 1], () => 0)), { code: 'BAD_DATA' });
});

test('memorisation: 0 for copies of training images, 1 for fresh ones, large for copies of test images', async () => {
  const noise = (seed: number): ImageSet => {
    const random = createRandom(seed);
    return images(200, [4, 4, 1], () => random.integer(256));
  };
  const real = { train: noise(1), test: noise(2) };
  near(await memorisation(real.train, real, options), 0, 1e-3);
  near(await memorisation(noise(3), real, options), 1, 0.05);
  assert.ok((await memorisation({ ...real.test }, real, options)) > 100);
  near(await memorisation(real.test, real, options), 1, 0.05);
});

test('interpolation: an even straight path of the real distance scores 1 and 1', async () => {
  const ends = {
    from: toPoints(Float32Array.of(0, 0, 0, 0), 2),
    to: toPoints(Float32Array.of(3, 4, 0, 5), 2),
  };
  let seen: Points | undefined;
  const walk = (feature: (x: number, y: number) => number[], path: 'linear' | 'spherical' = 'linear') =>
    interpolationMeasures(
      ends,
      async (latents) => {
        seen = latents;
        return images(latents.count, [1, 1, 1], () => 0);
      },
      async () => {
        const { values, count } = seen!;
        const rows = Array.from({ length: count }, (_, i) => feature(values[2 * i]!, values[2 * i + 1]!));
        return toPoints(Float32Array.from(rows.flat()), rows[0]!.length);
      },
      5,
      { steps: 8, path },
    );
  const even = await walk((x, y) => [x, y]);
  near(even.pathLength, 1, 1e-5);
  near(even.unevenness, 1, 1e-5);
  const leap = await walk((x, y) => [Math.hypot(x, y) > 2.6 ? 5 : 0]);
  near(leap.pathLength, 8);
  near(leap.unevenness, 8);
  const still = await walk(() => [1]);
  assert.deepEqual(still, { pathLength: 0, unevenness: 1 });
  ends.from = toPoints(Float32Array.of(2, 0, 0, -3), 2);
  ends.to = toPoints(Float32Array.of(0, 2, 3, 0), 2);
  const round = await walk((x, y) => [Math.hypot(x, y)], 'spherical');
  near(round.pathLength, 0);
  near((await walk((x, y) => [Math.atan2(y, x)], 'spherical')).unevenness, 1, 1e-4);
  await assert.rejects(
    interpolationMeasures(
      { from: a, to: b },
      async () => images(0, [1, 1, 1], () => 0),
      async () => a,
      1,
    ),
    { code: 'BAD_DATA' },
  );
});

test('the structure of a latent space is scikit-learn’s', async () => {
  const measures = await measureLatent(a, labels, options);
  near(measures.neighbourAccuracy, 0.8066666666666666);
  near(measures.silhouette, 0.05021328750348433);
  near(measures.priorDistance, 177.38666573986313);
  assert.deepEqual(Object.keys(await measureLatent(a, new Uint8Array(300), options)), ['priorDistance']);
  assert.deepEqual(Object.keys(await measureLatent(a)), ['priorDistance']);
  near((await measureLatent(normals(20000, 8, 1))).priorDistance, 0, 0.01);
});

test('classes apart, classes of one, and copies', async () => {
  const apart = toPoints(
    Float32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1000) + (i % 20)),
    1,
  );
  const halves = Uint8Array.from({ length: 40 }, (_, i) => Number(i >= 20));
  assert.equal(await neighbourAccuracy(apart, halves, 10, options), 1);
  assert.ok(silhouette(apart, halves) > 0.98);
  near(silhouette(toPoints(Float32Array.of(0, 1, 5), 1), Uint8Array.of(0, 0, 9)), (0.8 + 0.75) / 3);
  // Twelve codes in one place: each class of six can only be seen from others.
  const copies = toPoints(new Float32Array(12), 1);
  const mixed = Uint8Array.from({ length: 12 }, (_, i) => i % 2);
  assert.ok((await neighbourAccuracy(copies, mixed, 11, options)) === 0);
  assert.equal(silhouette(copies, mixed), 0);
});

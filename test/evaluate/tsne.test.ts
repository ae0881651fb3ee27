// The map of points: its gradient, what it keeps, that it is repeatable, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Points } from '../../src/evaluate/generation/points.ts';
import { affinitiesOf } from '../../src/evaluate/latent/affinities.ts';
import { finish, nearestPoints, neighboursKept } from '../../src/evaluate/latent/nearest.ts';
import { buildQuadTree, createQuadTree } from '../../src/evaluate/latent/quadtree.ts';
import { createField, fillGradient, tsne } from '../../src/evaluate/latent/tsne.ts';
import { tsneInWorker } from '../../src/evaluate/latent/tsne-worker.ts';
import { createRandom } from '../../src/nn/random.ts';

/** Gaussian clouds around ten centres. */
function clouds(count: number, dimension = 16): Points {
  const random = createRandom('clouds');
  const centers = Float64Array.from({ length: 10 * dimension }, () => 1.5 * random.normal());
  const values = Float32Array.from(
    { length: count * dimension },
    (_, i) => centers[(Math.floor(i / dimension) % 10) * dimension + (i % dimension)]! + random.normal(),
  );
  return { count, dimension, values };
}

test('nearest points are those of a plain search', () => {
  const points = clouds(60, 3);
  const { rows, squared } = finish(nearestPoints(points, 7));
  for (let i = 0; i < points.count; i++) {
    const distances = Array.from({ length: points.count }, (_, j) =>
      [0, 1, 2].reduce((sum, k) => sum + (points.values[3 * i + k]! - points.values[3 * j + k]!) ** 2, 0),
    );
    const others = [...distances.keys()].filter((j) => j !== i).sort((a, b) => distances[a]! - distances[b]!);
    assert.deepEqual([...rows.subarray(7 * i, 7 * i + 7)], others.slice(0, 7));
    assert.ok(Math.abs(squared[7 * i + 6]! - distances[others[6]!]!) < 1e-6);
  }
});

test('affinities are symmetric, sum to 1 and have the perplexity asked for', () => {
  const affinities = affinitiesOf(finish(nearestPoints(clouds(90), 45)), 15);
  const { count, starts, columns, values } = affinities;
  const dense = Array.from({ length: count }, () => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) dense[i]![columns[at]!] = values[at]!;
  }
  const sum = values.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9);
  for (let i = 0; i < count; i++) {
    assert.equal(dense[i]![i], 0);
    for (let j = 0; j < i; j++) assert.equal(dense[i]![j], dense[j]![i]);
  }
});

test('the gradient is that of the divergence, and cells change it little', () => {
  const count = 40;
  const affinities = affinitiesOf(finish(nearestPoints(clouds(count), 30)), 10);
  const random = createRandom('positions');
  const positions = Float64Array.from({ length: 2 * count }, () => random.normal());
  const divergence = (at: Float64Array): number => {
    const { starts, columns, values } = affinities;
    const q = (i: number, j: number): number =>
      1 / (1 + (at[2 * i]! - at[2 * j]!) ** 2 + (at[2 * i + 1]! - at[2 * j + 1]!) ** 2);
    let [total, sum] = [0, 0];
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) if (i !== j) total += q(i, j);
    for (let i = 0; i < count; i++) {
      for (let e = starts[i]!; e < starts[i + 1]!; e++) {
        if (values[e]! > 0) sum += values[e]! * Math.log((values[e]! * total) / q(i, columns[e]!));
      }
    }
    return sum;
  };
  const field = createField(count);
  fillGradient(field, positions, affinities, { theta: 0, exaggeration: 1 });
  const exact = field.gradient.slice();
  const step = 1e-5;
  for (let k = 0; k < positions.length; k++) {
    const moved = (by: number) => positions.map((value, i) => (i === k ? value + by : value));
    const slope = (divergence(moved(step)) - divergence(moved(-step))) / (2 * step);
    assert.ok(Math.abs(slope - exact[k]!) < 1e-7, `${k}: ${slope} ${exact[k]}`);
  }
  fillGradient(field, positions, affinities, { theta: 0.5, exaggeration: 1 });
  const size = Math.hypot(...exact);
  const error = Math.hypot(...exact.map((value, k) => value - field.gradient[k]!));
  assert.ok(error < 0.05 * size, `${error} of ${size}`);
});

test('2,000 points keep three of ten nearest others, and equal seeds give equal maps, in a worker too', async () => {
  const points = clouds(2000);
  const map = finish(tsne(points));
  const kept = neighboursKept(points, { count: 2000, dimension: 2, values: map });
  assert.ok(kept >= 0.3, `kept ${kept}`);
  const few = clouds(300);
  const shares: number[] = [];
  const here = finish(tsne(few, { steps: 100, seed: 5 }));
  const there = await tsneInWorker(few, { steps: 100, seed: 5, onProgress: (share) => shares.push(share) });
  assert.deepEqual(there, here);
  assert.ok(
    shares.length > 3 && shares.at(-1) === 1 && shares.every((share, i) => share >= (shares[i - 1] ?? 0)),
  );
  assert.notDeepEqual(finish(tsne(few, { steps: 100, seed: 6 })), here);
});

test('points as near as numbers can be share a leaf', () => {
  const [a, b] = [1 + Number.EPSILON, 1 + 2 * Number.EPSILON];
  const tree = createQuadTree(3);
  for (const pair of [
    [1, a],
    [a, b],
  ] as const) {
    buildQuadTree(tree, Float64Array.from([pair[0], 0, pair[1], 0, 5, 5]));
    assert.ok(tree.count <= 5);
    assert.equal(tree.nodes[2], 3);
  }
});

test('few points, equal points and one dimension give maps; wrong numbers and a signal end it', async () => {
  for (let count = 0; count < 6; count++) {
    const map = finish(tsne({ ...clouds(count, 2), count }, { steps: 20 }));
    assert.ok(map.length === 2 * count && map.every(Number.isFinite));
  }
  const same = { count: 50, dimension: 3, values: new Float32Array(150).fill(2) };
  assert.ok(finish(tsne(same, { steps: 50 })).every(Number.isFinite));
  const line = { count: 50, dimension: 1, values: Float32Array.from({ length: 50 }, (_, i) => i) };
  assert.ok(finish(tsne(line, { steps: 50 })).every(Number.isFinite));
  const broken = { count: 50, dimension: 1, values: new Float32Array(50).fill(Number.NaN) };
  await assert.rejects(tsneInWorker(broken), { code: 'BAD_DATA', message: /got NaN in row 0/ });
  const controller = new AbortController();
  const stopped = tsneInWorker(clouds(2000), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await assert.rejects(stopped, /enough/);
});

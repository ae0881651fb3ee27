// Barnes-Hut t-SNE: points on a plane so that near ones stay near. Van der Maaten, "Accelerating t-SNE using tree-based
// algorithms" (2014). Starts from the two principal axes (Kobak & Berens 2019) with the learning rate of Belkina et al.
// (2019), so that equal points and seeds give equal maps. npm has none for more than a few thousand points.
import { createRandom } from '../../nn/random.ts';
import { principalPlane } from '../comparison/plane.ts';
import type { Points } from '../generation/points.ts';
import { type Affinities, affinitiesOf } from './affinities.ts';
import { nearestPoints } from './nearest.ts';
import { buildQuadTree, createQuadTree, type QuadTree } from './quadtree.ts';

export interface TsneOptions {
  /** How many neighbours count, softly; 30 unless given, less for few points. */
  readonly perplexity?: number;
  /** Steps in all, a quarter of them with exaggerated affinities; 750 unless given. */
  readonly steps?: number;
  /** Cells seen under a smaller angle count as one: 0 is exact, 0.7 the most; 0.5 unless given. */
  readonly theta?: number;
  readonly seed?: number | string;
}

const exaggeration = 12;
const searchShare = 0.1;

/**
 * Coordinates [count, 2] for points [count, dimension]; three points or fewer keep their principal axes. A generator
 * that yields the share done, so that whoever drives it can report and stop. Throws BAD_DATA for a value not finite.
 */
export function* tsne(points: Points, options: TsneOptions = {}): Generator<number, Float32Array> {
  const { count } = points;
  const { steps = 750, theta = 0.5, seed = 0 } = options;
  const perplexity = Math.min(options.perplexity ?? 30, (count - 1) / 3);
  if (count < 4) return count < 2 ? new Float32Array(2 * count) : principalPlane(points).points;
  const search = nearestPoints(points, Math.min(count - 1, Math.floor(3 * perplexity)));
  let found = search.next();
  for (; !found.done; found = search.next()) yield searchShare * found.value;
  const affinities = affinitiesOf(found.value, perplexity);
  const positions = startingPositions(points, seed);
  const field = createField(count);
  const [speed, gains] = [new Float64Array(2 * count), new Float64Array(2 * count).fill(1)];
  const rate = Math.max(50, count / exaggeration / 4);
  const early = Math.round(steps / 4);
  for (let step = 0; step < steps; step++) {
    const isEarly = step < early;
    fillGradient(field, positions, affinities, { theta, exaggeration: isEarly ? exaggeration : 1 });
    const momentum = isEarly ? 0.5 : 0.8;
    for (let i = 0; i < speed.length; i++) {
      const [slope, before] = [field.gradient[i] as number, speed[i] as number];
      const gain = gains[i] as number;
      const next = Math.max(0.01, slope > 0 === before > 0 ? gain * 0.8 : gain + 0.2);
      gains[i] = next;
      speed[i] = momentum * before - rate * next * slope;
      positions[i] = (positions[i] as number) + (speed[i] as number);
    }
    center(positions);
    if (step % 5 === 4) yield searchShare + ((1 - searchShare) * (step + 1)) / steps;
  }
  return Float32Array.from(positions);
}

/** The two principal axes, tiny, with a seeded tremble that parts points which coincide. */
function startingPositions(points: Points, seed: number | string): Float64Array {
  const positions = Float64Array.from(principalPlane(points).points);
  const squares = positions.reduce((sum, value, i) => sum + (i % 2 === 0 ? value * value : 0), 0);
  const deviation = Math.sqrt(squares / points.count) || 1;
  const random = createRandom(`${seed}/tsne`);
  return positions.map((value) => 1e-4 * (value / deviation + 1e-3 * random.normal()));
}

function center(positions: Float64Array): void {
  let [x, y] = [0, 0];
  for (let i = 0; i < positions.length; i += 2) {
    x += positions[i] as number;
    y += positions[i + 1] as number;
  }
  const count = positions.length / 2;
  for (let i = 0; i < positions.length; i += 2) {
    positions[i] = (positions[i] as number) - x / count;
    positions[i + 1] = (positions[i + 1] as number) - y / count;
  }
}

/** Where the gradient of a map is written, with the tree that is built for each. */
export interface Field {
  readonly gradient: Float64Array;
  readonly repulsion: Float64Array;
  readonly tree: QuadTree;
}

export const createField = (count: number): Field => ({
  gradient: new Float64Array(2 * count),
  repulsion: new Float64Array(2 * count),
  tree: createQuadTree(count),
});

/**
 * Writes the gradient of the Kullback-Leibler divergence to positions [count, 2] into the field; with theta 0 exactly.
 * Returns sum over pairs of 1 / (1 + d^2), what the map's own affinities are normalised by.
 */
export function fillGradient(
  { gradient, repulsion, tree }: Field,
  positions: Float64Array,
  { count, starts, columns, values }: Affinities,
  { theta, exaggeration }: { readonly theta: number; readonly exaggeration: number },
): number {
  buildQuadTree(tree, positions);
  const total = repel(tree, positions, repulsion, theta);
  for (let i = 0; i < count; i++) {
    const [x, y] = [positions[2 * i] as number, positions[2 * i + 1] as number];
    let [pullX, pullY] = [0, 0];
    for (let at = starts[i] as number; at < (starts[i + 1] as number); at++) {
      const j = columns[at] as number;
      const dx = x - (positions[2 * j] as number);
      const dy = y - (positions[2 * j + 1] as number);
      const force = (values[at] as number) / (1 + dx * dx + dy * dy);
      pullX += force * dx;
      pullY += force * dy;
    }
    gradient[2 * i] = 4 * (exaggeration * pullX - (repulsion[2 * i] as number) / total);
    gradient[2 * i + 1] = 4 * (exaggeration * pullY - (repulsion[2 * i + 1] as number) / total);
  }
  return total;
}

/** Sums q^2 (y_i - y_j) over all j for each i, and q over all pairs, q = 1 / (1 + d^2); far cells count as one point. */
function repel(tree: QuadTree, positions: Float64Array, target: Float64Array, theta: number): number {
  const { nodes, after, order, count } = tree;
  // A cell must never stand for a point inside it: its centre is at most sqrt(2) sides away.
  const squaredTheta = Math.min(theta, 0.7) ** 2;
  let total = 0;
  for (const i of order) {
    const [x, y] = [positions[2 * i] as number, positions[2 * i + 1] as number];
    let [pushX, pushY, sum] = [0, 0, 0];
    let node = 0;
    while (node < count) {
      const at = 4 * node;
      const dx = x - (nodes[at] as number);
      const dy = y - (nodes[at + 1] as number);
      const squared = dx * dx + dy * dy;
      if ((nodes[at + 3] as number) > squaredTheta * squared) {
        node++;
        continue;
      }
      const q = 1 / (1 + squared);
      const weighted = (nodes[at + 2] as number) * q;
      sum += weighted;
      pushX += weighted * q * dx;
      pushY += weighted * q * dy;
      node = after[node] as number;
    }
    target[2 * i] = pushX;
    target[2 * i + 1] = pushY;
    // The point met itself, at distance 0.
    total += sum - 1;
  }
  return total;
}

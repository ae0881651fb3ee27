// Time of Barnes-Hut t-SNE on one core, and the share of true neighbours that its map keeps.
//   node --import tsx -C oddity-source bench/tsne.ts [points] [dimensions]
import type { Points } from '../src/evaluate/generation/points.ts';
import { finish, neighboursKept } from '../src/evaluate/latent/nearest.ts';
import { tsne } from '../src/evaluate/latent/tsne.ts';
import { createRandom } from '../src/nn/random.ts';

/** Ten Gaussian clouds, their centres as far apart as classes in a trained latent space. */
function clouds(count: number, dimension: number): Points {
  const random = createRandom('clouds');
  const centers = Float64Array.from({ length: 10 * dimension }, () => 1.2 * random.normal());
  const values = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < dimension; k++) {
      values[row * dimension + k] = centers[(row % 10) * dimension + k]! + random.normal();
    }
  }
  return { count, dimension, values };
}

const [count = 10_000, dimension = 16] = process.argv.slice(2).map(Number);
for (const size of count > 2000 ? [2000, count] : [count]) {
  const points = clouds(size, dimension);
  const began = performance.now();
  const cpu = process.cpuUsage();
  const values = finish(tsne(points));
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  const kept = size <= 4000 ? neighboursKept(points, { count: size, dimension: 2, values }).toFixed(3) : '-';
  console.log(
    `${size} points of ${dimension} dimensions: ${seconds.toFixed(1)} s wall, ${((used.user + used.system) / 1e6).toFixed(1)} s of processor; of the 10 nearest kept: ${kept}`,
  );
}

// Mode collapse, watched while a model trains: a few drawn images at each epoch, seen through fixed oriented gradients,
// so that nothing has to be trained first. The full measures, by a classifier, are in generation/.
import type { ImageSet } from '../data/dataset.ts';
import { runRows } from '../detect/run-rows.ts';
import type { EpochWatch, WatchedModel } from '../detect/train.ts';
import { constant, gatherRows, input, reduceSum, smallestIndices } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { normalizePixels } from '../models/image-domain.ts';
import { orientedGradients, orientedGradientsLength } from '../nn/oriented-gradients.ts';
import { compile, type SessionOptions } from '../runtime/session.ts';
import { openGenerator } from './comparison/generator.ts';
import { drawRows } from './generation/image-measures.ts';
import { classHistogram, nearDuplicateRate } from './generation/modes.ts';
import { type Points, spacePoints, squaredDistances, toPoints } from './generation/points.ts';

/** Images drawn at a look, and real images they are compared with. */
const sampleCount = 256;
const votersCount = 2000;
const voters = 5;

/** Beyond these a model counts as collapsed: real images have a diversity of 1 and 0.01 near-duplicates. */
const leastDiversity = 0.5;
const mostDuplicates = 0.25;
/** A model that has not drawn well yet is left in peace for one in so many of its epochs. */
const patience = 3;

export interface ModeWatchOptions {
  readonly classNames?: readonly string[];
  readonly session?: SessionOptions;
}

/** What `trainSteps` calls after each epoch; `close` when training is over. */
export interface ModeWatch {
  look(moment: WatchedModel): Promise<EpochWatch>;
  close(): Promise<void>;
}

/**
 * Watches a model that is trained on `images`: `diversity` and `nearDuplicates` as in generation/, and, for labelled
 * images of several classes, `missingClasses`, by the vote of the five nearest of 2,000 images. The warning says what is wrong.
 */
export async function createModeWatch(
  images: ImageSet,
  { classNames = [], session }: ModeWatchOptions = {},
): Promise<ModeWatch> {
  const { shape } = images;
  const options = session === undefined ? {} : { session };
  const dimension = orientedGradientsLength(shape);
  const bytes = input('bytes', ['batch', ...shape], 'uint8');
  const describe = await compile({ edges: orientedGradients(normalizePixels(bytes)) }, session);
  const see = async ({ pixels, count }: ImageSet): Promise<Points> => {
    const inputs = { bytes: { values: pixels, shape: [...shape] } };
    const { edges } = await runRows(describe, count, inputs, { edges: [dimension] });
    return toPoints(edges ?? new Float32Array(), dimension);
  };
  const real = await spacePoints(await see(drawRows(images, sampleCount, 'watch')), 1, options);
  const known = drawRows(images, votersCount, 'watch/voters');
  const present = [...new Set(known.labels ?? [])].sort((a, b) => a - b);
  const points = await see(known);
  const classify = await compile({ votes: votesOf(known, points) }, session);
  const classes = 1 + Math.max(0, ...present);
  const missingClasses = async (seen: Points): Promise<number[]> => {
    const inputs = { x: { values: seen.values, shape: [dimension] } };
    const { votes = new Float32Array() } = await runRows(classify, seen.count, inputs, { votes: [classes] });
    const labels = Array.from({ length: seen.count }, (_, i) => {
      const row = votes.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
    const { missing } = classHistogram(labels, classes);
    return missing.filter((label) => present.includes(label));
  };

  let [wasHealthy, lastEpoch, widest] = [false, 0, 0];
  async function look({ model, weights, epoch, epochs }: WatchedModel): Promise<EpochWatch> {
    const generator = openGenerator(model, weights, options);
    const drawn = await generator.decode(generator.drawLatents(sampleCount, `watch/${epoch}`));
    await generator.close();
    const seen = await spacePoints(await see(drawn), 1, options);
    const diversity = seen.meanDistance / real.meanDistance;
    const nearDuplicates = nearDuplicateRate(seen, real);
    const measures: Record<string, number> = { diversity, nearDuplicates };
    const complaints: string[] = [];
    if (diversity < leastDiversity) complaints.push(`diversity ${diversity.toFixed(2)} of real images'`);
    if (nearDuplicates > mostDuplicates) {
      complaints.push(`${Math.round(100 * nearDuplicates)} % near-duplicates`);
    }
    if (known.labels !== undefined && present.length > 1) {
      const missing = await missingClasses(seen);
      measures.missingClasses = missing.length;
      if (missing.length > 0) {
        complaints.push(`no image of ${missing.map((label) => classNames[label] ?? label).join(', ')}`);
      }
    }
    // Another network of an ensemble starts from nothing again.
    if (epoch <= lastEpoch) [wasHealthy, widest] = [false, 0];
    if (complaints.length === 0) wasHealthy = true;
    // A young model draws little as yet, and so does one that still gains: that is no collapse.
    const isGaining = diversity > 1.01 * widest;
    const mayWarn = wasHealthy || (epoch * patience >= epochs && !isGaining);
    [lastEpoch, widest] = [epoch, Math.max(widest, diversity)];
    if (complaints.length === 0 || !mayWarn) return { measures };
    return { measures, warning: `the model draws too little of what it was shown: ${complaints.join('; ')}` };
  }
  return { look, close: async () => void (await Promise.all([describe.close(), classify.close()])) };
}

/** How many of the nearest known images are of each class, for points x [batch, dimension]: [batch, classes]. */
function votesOf({ labels = new Uint8Array(), count }: ImageSet, points: Points): Tensor {
  const classes = 1 + labels.reduce((most, label) => Math.max(most, label), 0);
  const oneHot = new Float32Array(count * classes);
  for (const [row, label] of labels.entries()) oneHot[row * classes + label] = 1;
  const x = input('x', ['batch', points.dimension]);
  const nearest = smallestIndices(squaredDistances(x, points), Math.min(voters, count));
  return reduceSum(gatherRows(constant(oneHot, [count, classes]), nearest), [1]);
}

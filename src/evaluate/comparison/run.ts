// One training of one model, and everything that is measured on it.

import type { ImageSet } from '../../data/dataset.ts';
import { finalWeights, fit } from '../../detect/fit.ts';
import { storedImages } from '../../detect/image-modality.ts';
import type { TrainingSettings } from '../../detect/manifest.ts';
import type { GenerativeModel } from '../../models/model.ts';
import type { Classifier } from '../generation/classifier.ts';
import { drawRows } from '../generation/image-measures.ts';
import { interpolationMeasures } from '../generation/interpolation.ts';
import { measureLatent } from '../generation/latent-measures.ts';
import { featureCount } from '../generation/lenet.ts';
import { measureGeneration, type RealImages } from '../generation/measure.ts';
import { type MeasureOptions, type Points, spacePoints, toPoints } from '../generation/points.ts';
import type { Generator } from './generator.ts';
import type { Epoch, LatentRow, TrainedRun } from './records.ts';

/** What every run is measured against. */
export interface Yardstick extends RealImages {
  readonly classifier: Classifier;
  /** Images drawn from each model. */
  readonly samples: number;
  /** Mean distance of two real images' features. */
  readonly realDistance: number;
}

const interpolationPairs = 100;
const interpolationSteps = 16;

/** Mean distance between the classifier's features of two training images, on `count` of them. */
export async function realDistanceOf(
  train: ImageSet,
  classifier: Classifier,
  count: number,
  options: MeasureOptions,
): Promise<number> {
  const { features } = await classifier.look(drawRows(train, count, 'real distance'), signalOf(options));
  return (await spacePoints(toPoints(features, featureCount), 1, options)).meanDistance;
}

/**
 * Trains on all of `train`, pushing each epoch to `history` so that it outlives a failure. Yields the share done;
 * returns the weights to use and the seconds it took. Throws as `fit` does.
 */
export async function* trainOnce(
  model: GenerativeModel,
  train: ImageSet,
  settings: TrainingSettings,
  history: Epoch[],
  options: MeasureOptions,
): AsyncGenerator<number, { readonly weights: Float32Array; readonly seconds: number }> {
  const began = performance.now();
  const run = fit(model, storedImages(train), { ...settings, ...options });
  let next = await run.next();
  for (; !next.done; next = await run.next()) {
    if (next.value.kind === 'step') yield next.value.step / next.value.steps;
    else {
      const { epoch, losses, seconds } = next.value;
      history.push({ epoch, losses, seconds });
    }
  }
  return { weights: finalWeights(next.value), seconds: (performance.now() - began) / 1000 };
}

/** Draws the samples and measures them. */
export async function measureSamples(
  generator: Generator,
  { classifier, samples: count, ...real }: Yardstick,
  seed: number,
  options: MeasureOptions,
): Promise<Pick<TrainedRun, 'generation'> & { readonly samples: ImageSet; readonly drawn: number }> {
  // What opening the graph takes is not the images' cost.
  await generator.decode(generator.drawLatents(1, seed));
  const began = performance.now();
  const samples = await generator.decode(generator.drawLatents(count, `${seed}/samples`));
  const drawn = count / ((performance.now() - began) / 1000);
  return { samples, drawn, generation: await measureGeneration(samples, real, classifier, options) };
}

/** Encodes the test images and measures the codes, the reconstructions and walks between prior draws. */
export async function measureCodes(
  generator: Generator,
  { classifier, test, realDistance }: Yardstick,
  classes: number,
  seed: number,
  options: MeasureOptions,
): Promise<{ readonly latent: LatentRow; readonly codes: Points; readonly encoded: number }> {
  await generator.encode(drawRows(test, 1, 'warming up'));
  const began = performance.now();
  const { codes, errors } = await generator.encode(test);
  const encoded = test.count / ((performance.now() - began) / 1000);
  const measures = await measureLatent(codes, test.labels, options);
  const paths = await interpolationMeasures(
    {
      from: generator.drawLatents(interpolationPairs, `${seed}/from`),
      to: generator.drawLatents(interpolationPairs, `${seed}/to`),
    },
    (latents) => generator.decode(latents, classPerPath(latents.count, classes)),
    async (images) => toPoints((await classifier.look(images, signalOf(options))).features, featureCount),
    realDistance,
    { steps: interpolationSteps },
  );
  const latent: LatentRow = {
    count: test.count,
    ...measures,
    ...paths,
    priorDistancePerDimension: measures.priorDistance / codes.dimension,
    reconstructionError: errors.reduce((sum, error) => sum + error, 0) / test.count,
  };
  return { latent, codes, encoded };
}

/** One-hot labels [count, classes]: one class for each path, the classes in turn. */
function classPerPath(count: number, classes: number): Float32Array {
  const labels = new Float32Array(count * classes);
  for (let row = 0; row < count && classes > 0; row++) {
    labels[row * classes + (Math.floor(row / (interpolationSteps + 1)) % classes)] = 1;
  }
  return labels;
}

const signalOf = ({ signal }: MeasureOptions) => (signal === undefined ? {} : { signal });

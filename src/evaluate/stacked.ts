// How many of a thousand modes a model finds: trained on stacked digits, its samples told apart channel by channel.
import type { ImageDataset, ImageSet } from '../data/dataset.ts';
import { stackChannels, takeChannel } from '../data/stack-channels.ts';
import { planStages } from '../detect/fit.ts';
import { type Choices, settingsFor } from '../detect/settings.ts';
import { imageDomain } from '../models/image-domain.ts';
import { models } from '../models/index.ts';
import { openGenerator } from './comparison/generator.ts';
import type { Epoch } from './comparison/records.ts';
import { trainOnce } from './comparison/run.ts';
import type { Classifier } from './generation/classifier.ts';
import { classHistogram } from './generation/modes.ts';
import type { MeasureOptions } from './generation/points.ts';

/** The published protocol's number of samples. */
export const stackedSamples = 26_000;

export interface ModeCount {
  /** Combinations of classes with at least one sample. */
  readonly modes: number;
  /** KL of their histogram from the uniform one, in nats. */
  readonly divergence: number;
}

export interface StackedRun extends ModeCount {
  readonly seed: number;
  /** Training only. */
  readonly seconds: number;
}

export interface StackedResult {
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly epochs: number;
  /** Stacked images trained on, drawn from the training images. */
  readonly images: number;
  readonly samples: number;
  readonly classifier: { readonly accuracy: number; readonly hash: string };
  /** Real stacked test images, as many: the best that can be. */
  readonly real: ModeCount;
  readonly runs: readonly StackedRun[];
}

export type StackedRecord = { readonly seed: number; readonly progress: number };

/** Counts the combinations of classes in the channels of `images`, by a classifier of single channels. */
export async function countModes(
  images: ImageSet,
  classifier: Classifier,
  { signal }: MeasureOptions = {},
): Promise<ModeCount> {
  const classes = classifier.classNames.length;
  const combined = new Uint32Array(images.count);
  for (let channel = 0; channel < images.shape[2]; channel++) {
    const { labels } = await classifier.look(takeChannel(images, channel), signal ? { signal } : {});
    for (const [row, label] of labels.entries()) combined[row] = (combined[row] ?? 0) * classes + label;
  }
  const all = classes ** images.shape[2];
  const { missing, divergence } = classHistogram(combined, all);
  return { modes: all - missing.length, divergence };
}

/** Trains a model on stacked images from each seed and counts its modes. Throws as `settingsFor` and `fit` do. */
export async function* runStacked(
  dataset: ImageDataset,
  classifier: Classifier,
  choices: Choices,
  { seeds = 1, ...run }: MeasureOptions & { readonly seeds?: number } = {},
): AsyncGenerator<StackedRecord, StackedResult> {
  const train = stackChannels(dataset.train, dataset.train.count, 'train');
  const settings = settingsFor(choices, train.count);
  const model = models[settings.model].create(imageDomain(train.shape), settings.options);
  planStages(model, settings.epochs);
  const real = await countModes(stackChannels(dataset.test, stackedSamples, 'test'), classifier, run);
  const runs: StackedRun[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const history: Epoch[] = [];
    const training = trainOnce(model, train, { ...settings, seed }, history, run);
    let next = await training.next();
    for (; !next.done; next = await training.next()) yield { seed, progress: (seed + next.value) / seeds };
    const { weights, seconds } = next.value;
    const generator = openGenerator(model, weights, run);
    const drawn = await generator.decode(generator.drawLatents(stackedSamples, `${seed}/stacked`));
    await generator.close();
    runs.push({ seed, ...(await countModes(drawn, classifier, run)), seconds });
  }
  const { accuracy, hash } = classifier;
  const { model: name, options, epochs } = settings;
  return {
    model: name,
    options,
    epochs,
    images: train.count,
    samples: stackedSamples,
    classifier: { accuracy, hash },
    real,
    runs,
  };
}

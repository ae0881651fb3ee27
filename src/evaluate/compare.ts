// An honest comparison of generative models on one labelled set of images: every model is trained on the same
// images, from the same seeds, and held against the same references. No test label chooses anything.
import type { ImageDataset } from '../data/dataset.ts';
import { rowsOfClasses } from '../data/select.ts';
import { planStages } from '../detect/fit.ts';
import { type Choices, settingsFor } from '../detect/settings.ts';
import { fewestRows } from '../detect/training-rows.ts';
import { layoutOf } from '../detect/training-step.ts';
import { OddityError } from '../errors.ts';
import { imageDomain } from '../models/image-domain.ts';
import { type ModelName, models as modelTable } from '../models/index.ts';
import { judgeClaims } from './claims.ts';
import { partsOf } from './comparison/costs.ts';
import { realExhibits } from './comparison/exhibits.ts';
import { kindOf } from './comparison/generator.ts';
import { createPlan } from './comparison/plan.ts';
import {
  type Comparison,
  type ComparisonRecord,
  type DetectionProtocol,
  detectionProtocols,
} from './comparison/records.ts';
import { realDistanceOf } from './comparison/run.ts';
import { type Contestant, detectOnce, runOnce } from './comparison/turn.ts';
import type { Classifier } from './generation/classifier.ts';
import { drawRows } from './generation/image-measures.ts';
import { referenceRows } from './generation/measure.ts';
import type { MeasureOptions } from './generation/points.ts';

export interface CompareOptions extends MeasureOptions {
  /** Each model with the user's choices; every model at most once. */
  readonly models: readonly (Choices & { readonly model: ModelName })[];
  /** Trainings of each model, from seeds 0, 1, ...; 1 unless given. */
  readonly seeds?: number;
  /** Images drawn from each model, and test images looked at; 10,000 at most unless given. */
  readonly samples?: number;
  /** Classes that detection is measured on; none leaves it out, 0, 1 and 2 unless given. */
  readonly classes?: readonly number[];
  /** One class normal, one class the anomaly, or both; 'one-class' unless given. */
  readonly protocols?: readonly DetectionProtocol[];
}

/** Fewer samples have no covariance of the classifier's 84 features. */
export const fewestSamples = 100;

/** Test images that are looked at unless told otherwise. */
export const defaultSamples = (dataset: ImageDataset): number => Math.min(10_000, dataset.test.count);

/** The first three classes: a choice made before any result. */
export const defaultClasses = ({ classNames }: ImageDataset): number[] =>
  classNames.map((_, label) => label).slice(0, 3);

/**
 * Trains and measures each model from each seed. A training that diverges is a row of the result.
 * Throws BAD_USAGE for wrong choices, BAD_DATA for images without labels, ABORTED.
 */
export async function* compareModels(
  dataset: ImageDataset,
  classifier: Classifier,
  options: CompareOptions,
): AsyncGenerator<ComparisonRecord, Comparison> {
  const { seeds = 1, protocols = ['one-class'], session, signal } = options;
  const { samples, classes, cells, contestants, test } = prepare(dataset, options);
  const run: MeasureOptions = { ...(session && { session }), ...(signal && { signal }) };
  const began = performance.now();
  const looked = { ...dataset, test };
  const plan = createPlan(partsOf(contestants, looked, { seeds, samples, cells }));
  const step = (doing: string, share = 0) =>
    ({ kind: 'progress', progress: plan.progress(share), doing }) as const;

  yield step('real images and a Gaussian');
  const references = await referenceRows(looked, classifier, { ...run, count: samples });
  const realDistance = await realDistanceOf(dataset.train, classifier, 2000, run);
  const yardstick = { train: dataset.train, test, classifier, samples, realDistance };
  const real = realExhibits(test);
  yield { kind: 'real', real };
  plan.finish();

  for (let seed = 0; seed < seeds; seed++) {
    for (const contestant of contestants) {
      const isFirst = contestant.runs.every(({ outcome }) => outcome === 'diverged');
      yield* runOnce(contestant, yardstick, { seed, ...run, plan, ...(isFirst && { real }) });
    }
  }
  for (let seed = 0; seed < seeds; seed++) {
    for (const contestant of contestants) {
      for (const cell of cells) yield* detectOnce(contestant, looked, { ...cell, seed, ...run, plan });
    }
  }
  const models = contestants.map(({ choices: _, built: __, ...compared }) => compared);
  const { name, classNames, train } = dataset;
  return {
    dataset: { name, classNames, train: train.count, test: dataset.test.count },
    seeds,
    samples,
    classifier: { accuracy: classifier.accuracy, hash: classifier.hash },
    references,
    models,
    detection: { protocols: classes.length > 0 ? protocols : [], classes, images: test.count },
    claims: judgeClaims(models),
    seconds: (performance.now() - began) / 1000,
  };
}

/** Refuses, before any work, what `compareModels` would refuse. */
export function checkComparison(dataset: ImageDataset, options: CompareOptions): void {
  prepare(dataset, options);
}

function prepare(dataset: ImageDataset, options: CompareOptions) {
  const { samples = defaultSamples(dataset), classes = defaultClasses(dataset) } = options;
  checkSamples(samples, dataset);
  const test = drawRows(dataset.test, samples, 'compared test images');
  const cells = (options.protocols ?? ['one-class']).flatMap((protocol) =>
    classes.map((label) => ({ protocol, label })),
  );
  for (const { protocol, label } of cells) checkClass({ ...dataset, test }, protocol, label);
  const contestants = options.models.map((choices) => build(choices, dataset));
  return { samples, classes, cells, contestants, test };
}

function checkSamples(samples: number, { name, test }: ImageDataset): void {
  if (test.count < fewestSamples) {
    throw new OddityError(
      'BAD_DATA',
      `expected at least ${fewestSamples} test images to compare with, got ${test.count} of ${name}; give more`,
    );
  }
  if (samples >= fewestSamples && samples <= test.count) return;
  throw new OddityError(
    'BAD_USAGE',
    `expected ${fewestSamples} to ${test.count} samples, as ${name} has ${test.count} test images to compare as many with, got ${samples}`,
    { data: { samples, test: test.count } },
  );
}

/** Refuses now, rather than after the trainings, a class that detection cannot be measured on. */
function checkClass(
  { train, test, classNames }: ImageDataset,
  protocol: DetectionProtocol,
  label: number,
): void {
  const side = detectionProtocols[protocol] === 'normal' ? { normal: [label] } : { anomaly: [label] };
  rowsOfClasses(test, side, classNames);
  const { normal } = rowsOfClasses(train, side, classNames);
  if (normal.length >= fewestRows) return;
  throw new OddityError(
    'BAD_DATA',
    `expected at least ${fewestRows} normal training images to detect class ${classNames[label] ?? label}, got ${normal.length}; choose other --classes`,
  );
}

function build(choices: Choices & { readonly model: ModelName }, { train }: ImageDataset): Contestant {
  const { seed: _, ...settings } = settingsFor(choices, train.count);
  const { model } = choices;
  const built = modelTable[model].create(imageDomain(train.shape), settings.options);
  // Refuses too few epochs now rather than after the other models' trainings.
  planStages(built, settings.epochs);
  return {
    model,
    label: modelTable[model].label,
    title: modelTable[model].title,
    kind: kindOf(model, built),
    settings,
    latentDim: built.latentDim,
    parameters: layoutOf(built).length,
    choices,
    built,
    runs: [],
    detection: [],
  };
}

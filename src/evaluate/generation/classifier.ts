// A small classifier of the data set's own classes, whose features stand for what an image shows: small grey images
// mean nothing to a network trained on photographs. Trained here, once, and kept in a cache.
import { openFolder } from '#folder';
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { finalWeights, fit } from '../../detect/fit.ts';
import { storedImages } from '../../detect/image-modality.ts';
import { sha256 } from '../../detect/manifest.ts';
import { runRows } from '../../detect/run-rows.ts';
import { layoutOf } from '../../detect/training-step.ts';
import { OddityError } from '../../errors.ts';
import { exp, input, logSumExp, reduceMax, reshape, subtract } from '../../graph/operations.ts';
import { sizeOf } from '../../models/domain.ts';
import { adamDefaults } from '../../nn/optimizer.ts';
import { scopeOfValues } from '../../nn/parameters.ts';
import { compile, type Session, type SessionOptions } from '../../runtime/session.ts';
import { decodeClassifier, encodeClassifier, hashOf } from './classifier-file.ts';
import { createLenet, featureCount, type Lenet } from './lenet.ts';

/** What the classifier sees in each image. */
export interface Looks {
  /** The likeliest class of each [count]. */
  readonly labels: Uint8Array;
  /** Its probability [count], 0..1. */
  readonly confidence: Float32Array;
  /** The units before the last layer [count, 84]. */
  readonly features: Float32Array;
}

export interface LookOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Classifier {
  readonly classNames: readonly string[];
  /** Share of the data set's test images that it gets right. */
  readonly accuracy: number;
  /** SHA-256 of the weights: features, and what is measured on them, compare only between equal ones. */
  readonly hash: string;
  /** Looks at images. Throws BAD_DATA for another shape than it was trained on, ABORTED. */
  look(images: ImageSet, options?: LookOptions): Promise<Looks>;
  close(): Promise<void>;
}

export interface ClassifierOptions {
  /** Folder (Node: a path; browsers: a name) where trained classifiers are kept; none are without it. */
  readonly cache?: string;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
  readonly seed?: number | string;
  /** Share of the training that is done, 0..1; not called for a classifier from the cache. */
  readonly onProgress?: (progress: number) => void;
  /** Told in one line when the cache cannot be written. */
  readonly onNotice?: (notice: string) => void;
}

/** Training sees about so many images in all: six times MNIST, but no small set more often than `mostEpochs`. */
const imageBudget = 360_000;
const mostEpochs = 30;
const training = { batchSize: 128, learningRate: 3e-3, warmup: 0.1, adam: adamDefaults } as const;

/**
 * The classifier of a data set: from the cache, or trained on its training images (under a minute for MNIST).
 * A cached file that is damaged or belongs to something else is replaced. Throws BAD_DATA for a data set without
 * labels or with fewer than two classes, ABORTED.
 */
export async function openClassifier(
  dataset: ImageDataset,
  options: ClassifierOptions = {},
): Promise<Classifier> {
  requireLabels(dataset);
  const { classNames, train, test } = dataset;
  const lenet = createLenet(train.shape, classNames.length);
  const { seed = 0, cache, session, signal } = options;
  const key = await keyOf(dataset, lenet, seed);
  const folder = cache === undefined ? undefined : openFolder(cache);
  const file = `classifier-${key.slice(0, 16)}.safetensors`;
  const bytes = await folder?.read(file).catch(() => undefined);
  const kept = bytes && (await decodeClassifier(bytes, key, layoutOf(lenet).length));
  const weights = kept?.weights ?? (await trainClassifier(lenet, train, seed, options));
  const compiled = await compileClassifier(lenet, weights, session);
  const look = (images: ImageSet, run: LookOptions = {}) => lookAt(compiled, lenet, images, run);
  let trained = kept;
  try {
    trained ??= { weights, accuracy: await accuracyOn(test, look, signal), hash: await hashOf(weights) };
  } catch (error) {
    await compiled.close();
    throw error;
  }
  if (kept === undefined) {
    await folder?.write(file, encodeClassifier(trained, key)).catch((error: Error) => {
      options.onNotice?.(`${error.message} The classifier will be trained again the next time.`);
    });
  }
  const { accuracy, hash } = trained;
  return { classNames, accuracy, hash, look, close: () => compiled.close() };
}

function requireLabels({ name, classNames, train, test }: ImageDataset): void {
  const refuse = (what: string): OddityError =>
    new OddityError('BAD_DATA', `${name}: a classifier needs ${what}; give a data set with labels`);
  if (classNames.length < 2) throw refuse(`two classes or more, got ${classNames.length}`);
  for (const [side, { labels, count }] of Object.entries({ training: train, test })) {
    if (labels === undefined || count === 0) throw refuse(`labelled ${side} images, got none`);
    const wrong = labels.find((label) => label >= classNames.length);
    if (wrong !== undefined) throw refuse(`labels under ${classNames.length}, got ${wrong}`);
  }
}

/** Names everything that the weights and the accuracy depend on: the images, the network and the training. */
async function keyOf({ train, test }: ImageDataset, lenet: Lenet, seed: number | string): Promise<string> {
  const none = new Uint8Array();
  const arrays = [train.pixels, train.labels ?? none, test.pixels, test.labels ?? none];
  const described = {
    data: await Promise.all(arrays.map(sha256)),
    shape: lenet.domain.shape,
    network: layoutOf(lenet).places.map(({ name, shape }) => ({ name, shape })),
    training: { ...training, imageBudget, mostEpochs, seed },
  };
  return sha256(new TextEncoder().encode(JSON.stringify(described)));
}

async function trainClassifier(
  lenet: Lenet,
  train: ImageSet,
  seed: number | string,
  { session, signal, onProgress }: ClassifierOptions,
): Promise<Float32Array> {
  const epochs = Math.max(1, Math.min(mostEpochs, Math.round(imageBudget / train.count)));
  const run = fit(lenet, storedImages(train), {
    ...training,
    epochs,
    seed: `${seed}/classifier`,
    ...(session === undefined ? {} : { session }),
    ...(signal === undefined ? {} : { signal }),
  });
  let next = await run.next();
  for (; !next.done; next = await run.next()) {
    if (next.value.kind === 'step') onProgress?.(next.value.step / next.value.steps);
  }
  return finalWeights(next.value);
}

function compileClassifier(lenet: Lenet, weights: Float32Array, options?: SessionOptions): Promise<Session> {
  const bytes = input('bytes', ['batch', sizeOf(lenet.domain)], 'uint8');
  const images = reshape(lenet.domain.open(bytes), ['batch', ...lenet.domain.shape]);
  const { features, logits } = lenet.classify(scopeOfValues(layoutOf(lenet), weights), images);
  // The largest softmax term: 1 over the sum of all terms relative to it.
  const confidence = exp(subtract(reduceMax(logits, [1]), logSumExp(logits, 1)));
  return compile({ features, logits, confidence }, options);
}

async function lookAt(session: Session, lenet: Lenet, images: ImageSet, run: LookOptions): Promise<Looks> {
  const { classes, domain } = lenet;
  const { shape } = domain;
  if (images.shape.join() !== shape.join()) {
    throw new OddityError(
      'BAD_DATA',
      `expected images of ${shape.join('x')}, as the classifier was trained on, got ${images.shape.join('x')}`,
      { data: { expected: shape, got: images.shape } },
    );
  }
  const inputs = { bytes: { values: images.pixels, shape: [sizeOf(domain)] } };
  const outputs = { features: [featureCount], logits: [classes], confidence: [] };
  const seen = (await runRows(session, images.count, inputs, outputs, run)) as Record<
    keyof typeof outputs,
    Float32Array
  >;
  const labels = Uint8Array.from({ length: images.count }, (_, i) => {
    const row = seen.logits.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
  return { labels, confidence: seen.confidence, features: seen.features };
}

async function accuracyOn(test: ImageSet, look: Classifier['look'], signal?: AbortSignal): Promise<number> {
  const { labels } = await look(test, signal === undefined ? {} : { signal });
  return labels.filter((label, i) => label === test.labels?.[i]).length / test.count;
}

// A trained model, opened: it draws images, encodes images, and turns codes back into images.
import type { ImageSet } from '../../data/dataset.ts';
import { imageModality } from '../../detect/image-modality.ts';
import { runRows } from '../../detect/run-rows.ts';
import { decoderModel, encoderModel } from '../../detect/scoring.ts';
import { layoutOf } from '../../detect/training-step.ts';
import { input } from '../../graph/operations.ts';
import { type ModelName, models } from '../../models/index.ts';
import type { GenerativeModel } from '../../models/model.ts';
import { createRandom, fillNormal } from '../../nn/random.ts';
import { openSession, type Session } from '../../runtime/session.ts';
import type { MeasureOptions, Points } from '../generation/points.ts';
import type { ModelKind } from './records.ts';

export interface Generator {
  /** Normal draws from the latent prior; equal seeds, equal draws. */
  drawLatents(count: number, seed: number | string): Points;
  /**
   * Images from latent vectors; a conditional model's carry the classes asked for: `labels`, one-hot [count, classes],
   * or each class in turn.
   */
  decode(latents: Points, labels?: Float32Array): Promise<ImageSet>;
  /** The code of each image, and the mean squared error per pixel of its reconstruction [count]. */
  encode(images: ImageSet): Promise<{ readonly codes: Points; readonly errors: Float32Array }>;
  close(): Promise<void>;
}

/** Opens a model with its weights. Both graphs run in batches and stop at the signal (ABORTED); each opens when used. */
export function openGenerator(
  model: GenerativeModel,
  weights: Float32Array,
  { session, signal }: MeasureOptions = {},
): Generator {
  const { latentDim, classes, domain } = model;
  const { shape } = domain;
  const modality = imageModality(shape);
  const layout = layoutOf(model);
  const run = signal === undefined ? {} : { signal };
  const opened: { encoder?: Promise<Session>; decoder?: Promise<Session> } = {};
  const encoder = (): Promise<Session> => {
    opened.encoder ??= openSession(encoderModel(modality, model, layout, weights), session);
    return opened.encoder;
  };
  const decoder = (): Promise<Session> => {
    opened.decoder ??= openSession(decoderModel(model, layout, weights), session);
    return opened.decoder;
  };
  const shapes = { images: [...shape] };
  return {
    drawLatents: (count, seed) => ({
      count,
      dimension: latentDim,
      values: fillNormal(new Float32Array(count * latentDim), createRandom(`${seed}/latents`)),
    }),
    async decode({ count, values }, labels = classesInTurn(count, classes)) {
      const inputs = {
        latent: { values, shape: [latentDim] },
        ...(classes > 0 ? { labels: { values: labels, shape: [classes] } } : {}),
      };
      const { images = new Float32Array() } = await runRows(await decoder(), count, inputs, shapes, run);
      const pixels = new Uint8Array(images.length);
      for (let i = 0; i < images.length; i++) pixels[i] = Math.round(255 * (images[i] ?? 0));
      if (classes === 0) return { shape, count, pixels };
      const asked = Uint8Array.from({ length: count }, (_, row) =>
        labels.subarray(row * classes, (row + 1) * classes).indexOf(1),
      );
      return { shape, count, pixels, labels: asked };
    },
    async encode({ count, pixels }) {
      const inputs = { pixels: { values: pixels, shape: [...shape] } };
      const outputs = { latent: [latentDim], reconstruction: [...shape] };
      const seen = await runRows(await encoder(), count, inputs, outputs, run);
      const { latent = new Float32Array(), reconstruction = new Float32Array() } = seen;
      const size = pixels.length / count;
      const errors = new Float32Array(count);
      for (let i = 0; i < pixels.length; i++) {
        const error = (reconstruction[i] ?? 0) - (pixels[i] ?? 0) / 255;
        const image = Math.floor(i / size);
        errors[image] = (errors[image] ?? 0) + error ** 2 / size;
      }
      return { codes: { count, dimension: latentDim, values: latent }, errors };
    },
    async close() {
      for (const session of Object.values(opened)) await (await session).close();
    },
  };
}

/** One-hot classes 0, 1, 2, ... in turn [count, classes], so that a conditional model draws as many of each. */
export function classesInTurn(count: number, classes: number): Float32Array {
  const labels = new Float32Array(count * classes);
  for (let row = 0; row < count && classes > 0; row++) labels[row * classes + (row % classes)] = 1;
  return labels;
}

/** What a model learns from: a bound on the likelihood, an adversary, or both. */
export function kindOf(name: ModelName, model: GenerativeModel): ModelKind {
  if (!models[name].adversarial) return 'variational';
  const onPaper = { parameter: (name: string, shape: readonly number[]) => input(name, shape) };
  const images = input('images', ['batch', ...model.domain.shape]);
  const labels = model.classes > 0 ? input('labels', ['batch', model.classes]) : undefined;
  const { divergence } = model.perceive(onPaper, images, labels);
  return divergence === undefined ? 'adversarial' : 'hybrid';
}

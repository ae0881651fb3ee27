// The Detector that users hold: score, predict, explain, generate, encode, decode.
// It runs the very .onnx files that it saves, so what is exported cannot disagree with what is measured.
import type { ImageSet } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { createRandom, fillNormal } from '../nn/random.ts';
import { openSession, type Session, type SessionOptions } from '../runtime/session.ts';
import { thresholdFor } from './calibrate.ts';
import type { ManifestBody } from './manifest.ts';
import { type OutputShapes, type RunRowsOptions, runRows } from './run-rows.ts';
import type { TensorFile } from './safetensors.ts';

export const fileNames = {
  detector: 'detector.onnx',
  encoder: 'encoder.onnx',
  decoder: 'decoder.onnx',
  weights: 'weights.safetensors',
} as const;

/** What a detector is made of; `weights` hold the members, their optimiser state and the calibration scores. */
export interface DetectorParts {
  readonly manifest: ManifestBody;
  readonly models: Readonly<Record<'detector' | 'encoder' | 'decoder', Uint8Array>>;
  readonly weights: TensorFile;
}

/** One number per row; `terms` hold each score alone, by name. */
export interface Scores {
  /** Higher is more anomalous; near 0 for a typical normal row, in units of its spread. */
  readonly score: Float32Array;
  /** Conformal: a fresh normal row gets p <= a with probability at most a. */
  readonly pValue: Float32Array;
  readonly terms: Readonly<Record<string, Float32Array>>;
}

export interface GenerateOptions {
  readonly seed?: number | string;
  /** Class number, for class-conditional models. */
  readonly class?: number;
  /** Scale of the latent draws; below 1 gives more typical images. */
  readonly temperature?: number;
}

export interface Detector {
  readonly parts: DetectorParts;
  readonly manifest: ManifestBody;
  /** Scores raw images. */
  score(images: ImageSet, options?: RunRowsOptions): Promise<Scores>;
  /** 1 for an alarm, 0 for normal, at the false-alarm rate asked for (by default the manifest's). */
  predict(images: ImageSet, options?: { falseAlarmRate?: number } & RunRowsOptions): Promise<Uint8Array>;
  /** The score above which a row is an alarm. Throws BAD_USAGE for a rate that the calibration cannot promise. */
  threshold(falseAlarmRate?: number): number;
  /** Contribution of each pixel [count, height, width, channels]; a row's contributions sum to its score. */
  explain(images: ImageSet, options?: RunRowsOptions): Promise<Float32Array>;
  /** The model's picture of each image. */
  reconstruct(images: ImageSet, options?: RunRowsOptions): Promise<ImageSet>;
  /** Latent means [count, latentDim]. */
  encode(images: ImageSet, options?: RunRowsOptions): Promise<Float32Array>;
  /** Images from latent vectors [count, latentDim]. */
  decode(latent: Float32Array, options?: { class?: number }): Promise<ImageSet>;
  /** Draws new images from the model. */
  generate(count: number, options?: GenerateOptions): Promise<ImageSet>;
  close(): Promise<void>;
}

/** Opens a detector around its parts. Sessions start when first needed. */
export function openDetector(parts: DetectorParts, options: SessionOptions = {}): Detector {
  const { manifest, models } = parts;
  const shape = manifest.data.shape;
  const size = shape[0] * shape[1] * shape[2];
  const latentDim = Number(manifest.training.options.latentDim);
  const classes = Number(manifest.training.options.classes ?? 0);
  const termNames = Object.keys(manifest.standards);
  const calibration = parts.weights.tensors.calibration ?? new Float32Array();
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (name: keyof typeof models): Promise<Session> => {
    const open = sessions.get(name) ?? openSession(models[name], options);
    sessions.set(name, open);
    return open;
  };

  const pixelsOf = (images: ImageSet) => {
    if (images.shape.join() !== shape.join()) {
      throw new OddityError(
        'BAD_DATA',
        `This detector knows images of ${shape.join(' x ')} (height x width x channels), got ${images.shape.join(' x ')}; resize them or train on such images.`,
        { data: { expected: shape, got: images.shape } },
      );
    }
    return { pixels: { values: images.pixels, shape } };
  };
  const detect = async (images: ImageSet, outputs: OutputShapes, run?: RunRowsOptions) =>
    runRows(await sessionOf('detector'), images.count, pixelsOf(images), outputs, run);
  const scalars = ['score', 'p_value', ...termNames.map((name) => `term_${name}`)];
  const scoreShapes = Object.fromEntries(scalars.map((name) => [name, []]));
  const perceive = async (images: ImageSet, run?: RunRowsOptions) => {
    const inputs = pixelsOf(images);
    const session = await sessionOf('encoder');
    return runRows(session, images.count, inputs, { latent: [latentDim], reconstruction: shape }, run);
  };
  const take = (outputs: Record<string, Float32Array>, name: string): Float32Array =>
    outputs[name] ?? new Float32Array();
  const toImages = (values: Float32Array): ImageSet => ({
    shape,
    count: values.length / size,
    pixels: Uint8Array.from(values, (value) => Math.round(255 * value)),
  });

  const threshold = (rate = manifest.falseAlarmRate): number => thresholdFor(rate, calibration);
  const { normalClasses, classNames } = manifest.data;
  const trained = normalClasses.length > 0 ? normalClasses : Array.from({ length: classes }, (_, i) => i);
  /** Throws BAD_USAGE for a class that the model cannot be asked for. */
  const requireClass = (label: number | undefined): void => {
    if (label === undefined) return;
    const known = classes > 0 || normalClasses.length === 1 ? trained : [];
    if (known.includes(label)) return;
    const nameOf = (each: number): string => classNames[each] ?? String(each);
    throw new OddityError(
      'BAD_USAGE',
      known.length === 0
        ? 'This model is not class-conditional; train with --conditional, or on that class alone with --normal.'
        : `This model was trained on ${known.map(nameOf).join(', ')}, got ${nameOf(label)}; ask for one of those.`,
      { data: { known, got: label } },
    );
  };
  const decode = async (
    latent: Float32Array,
    { class: label }: { class?: number } = {},
  ): Promise<ImageSet> => {
    requireClass(label);
    const count = latent.length / latentDim;
    const labels = new Float32Array(count * classes);
    for (let row = 0; row < count && classes > 0; row++) {
      labels[row * classes + (label ?? trained[row % trained.length] ?? 0)] = 1;
    }
    const inputs = {
      latent: { values: latent, shape: [latentDim] },
      ...(classes > 0 ? { labels: { values: labels, shape: [classes] } } : {}),
    };
    return toImages(
      take(await runRows(await sessionOf('decoder'), count, inputs, { images: shape }), 'images'),
    );
  };
  return {
    parts,
    manifest,
    threshold,
    decode,
    async score(images, run) {
      const outputs = await detect(images, scoreShapes, run);
      return {
        score: take(outputs, 'score'),
        pValue: take(outputs, 'p_value'),
        terms: Object.fromEntries(termNames.map((name) => [name, take(outputs, `term_${name}`)])),
      };
    },
    async predict(images, { falseAlarmRate, ...run } = {}) {
      const limit = threshold(falseAlarmRate);
      const { score } = await this.score(images, run);
      return Uint8Array.from(score, (value) => Number(value > limit));
    },
    async explain(images, run) {
      return take(await detect(images, { contributions: shape }, run), 'contributions');
    },
    async reconstruct(images, run) {
      return toImages(take(await perceive(images, run), 'reconstruction'));
    },
    async encode(images, run) {
      return take(await perceive(images, run), 'latent');
    },
    async generate(count, { seed = 0, class: label, temperature = 1 } = {}) {
      const latent = fillNormal(new Float32Array(count * latentDim), createRandom(`${seed}/generate`));
      for (let i = 0; i < latent.length; i++) latent[i] = temperature * (latent[i] ?? 0);
      return decode(latent, label === undefined ? {} : { class: label });
    },
    async close() {
      for (const session of sessions.values()) await (await session).close();
      sessions.clear();
    },
  };
}

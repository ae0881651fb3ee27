// The Detector that users hold: score, predict, explain, generate, encode, decode.
// It runs the very .onnx files that it saves, so what is exported cannot disagree with what is measured.
import type { ImageSet } from '../data/dataset.ts';
import type { RowSet } from '../data/rows.ts';
import { OddityError } from '../errors.ts';
import { sizeOf } from '../models/domain.ts';
import { createRandom, fillNormal } from '../nn/random.ts';
import { pruneModel } from '../runtime/prune.ts';
import { openSession, type Session, type SessionOptions } from '../runtime/session.ts';
import { pValue, thresholdFor } from './calibrate.ts';
import type { ManifestBody } from './manifest.ts';
import { type OutputShapes, type RunRowsOptions, runRows } from './run-rows.ts';
import type { TensorFile } from './safetensors.ts';
import { modalityOf } from './training-rows.ts';

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

export interface ScoreOptions extends RunRowsOptions {
  /** Whether each score is wanted alone too (default); without them scoring is several times as fast. */
  readonly terms?: boolean;
}

export interface GenerateOptions {
  readonly seed?: number | string;
  /** Class number, for class-conditional models. */
  readonly class?: number;
  /** Scale of the latent draws; below 1 gives more typical rows. */
  readonly temperature?: number;
}

/** Works on rows of the kind that it was trained on: images, or a table. */
export interface Detector<Rows extends RowSet = ImageSet> {
  readonly parts: DetectorParts;
  readonly manifest: ManifestBody;
  /** Scores raw rows. */
  score(rows: Rows, options?: ScoreOptions): Promise<Scores>;
  /** 1 for an alarm, 0 for normal, at the false-alarm rate asked for (by default the manifest's). */
  predict(rows: Rows, options?: { falseAlarmRate?: number } & RunRowsOptions): Promise<Uint8Array>;
  /** The score above which a row is an alarm. Throws BAD_USAGE for a rate that the calibration cannot promise. */
  threshold(falseAlarmRate?: number): number;
  /**
   * Contribution of each pixel [count, height, width, channels], or of each column [count, columns]; a row's
   * contributions sum to its score.
   */
  explain(rows: Rows, options?: RunRowsOptions): Promise<Float32Array>;
  /** The class that explains each row best, by number. Throws UNSUPPORTED for models that know no classes. */
  closestClass(rows: Rows, options?: RunRowsOptions): Promise<Uint8Array>;
  /** The normal row of the training nearest to each row, by its features. Throws UNSUPPORTED for images. */
  nearest(rows: Rows, options?: RunRowsOptions): Promise<Rows>;
  /** The model's picture of each row. */
  reconstruct(rows: Rows, options?: RunRowsOptions): Promise<Rows>;
  /** Latent means [count, latentDim]. */
  encode(rows: Rows, options?: RunRowsOptions): Promise<Float32Array>;
  /** Rows from latent vectors [count, latentDim]. */
  decode(latent: Float32Array, options?: { class?: number }): Promise<Rows>;
  /** Draws new rows from the model. */
  generate(count: number, options?: GenerateOptions): Promise<Rows>;
  close(): Promise<void>;
}

/** Whether a detector can say which of several kinds of normal a row is closest to: a conditional VAE can. */
export function knowsClasses({ manifest }: Pick<DetectorParts, 'manifest'>): boolean {
  const { model, options } = manifest.training;
  return Number(options.classes ?? 0) > 0 && model !== 'dcgan';
}

/** Opens a detector around its parts. Sessions start when first needed. */
export function openDetector<Rows extends RowSet = ImageSet>(
  parts: DetectorParts,
  options: SessionOptions = {},
): Detector<Rows> {
  const { manifest, models } = parts;
  const modality = modalityOf(manifest.data, parts.weights);
  const { shape } = modality.domain;
  const latentDim = Number(manifest.training.options.latentDim);
  const classes = Number(manifest.training.options.classes ?? 0);
  const termNames = Object.keys(manifest.standards);
  const calibration = parts.weights.tensors.calibration ?? new Float32Array();
  const sessions = new Map<string, Promise<Session>>();
  /** A session that computes these outputs and no others. */
  const sessionOf = (name: keyof typeof models, outputs: readonly string[]): Promise<Session> => {
    const key = `${name}: ${outputs}`;
    const open = sessions.get(key) ?? openSession(pruneModel(models[name], outputs), options);
    sessions.set(key, open);
    return open;
  };

  const detect = async (rows: RowSet, outputs: OutputShapes, run?: RunRowsOptions) =>
    runRows(await sessionOf('detector', Object.keys(outputs)), rows.count, modality.feed(rows), outputs, run);
  const scoreShapes = (withTerms: boolean) =>
    Object.fromEntries(
      ['score', ...(withTerms ? termNames.map((name) => `term_${name}`) : [])].map((name) => [name, []]),
    );
  const perceive = async (rows: RowSet, run?: RunRowsOptions) => {
    const inputs = modality.feed(rows);
    const outputs = { latent: [latentDim], reconstruction: shape };
    const session = await sessionOf('encoder', Object.keys(outputs));
    return runRows(session, rows.count, inputs, outputs, run);
  };
  const take = (outputs: Record<string, Float32Array>, name: string): Float32Array =>
    outputs[name] ?? new Float32Array();
  const restore = (values: Float32Array): Rows => modality.restore(values) as Rows;

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
  const decode = async (latent: Float32Array, { class: label }: { class?: number } = {}): Promise<Rows> => {
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
    return restore(
      take(await runRows(await sessionOf('decoder', ['images']), count, inputs, { images: shape }), 'images'),
    );
  };
  return {
    parts,
    manifest,
    threshold,
    decode,
    async score(rows, { terms = true, ...run } = {}) {
      const outputs = await detect(rows, scoreShapes(terms), run);
      const score = take(outputs, 'score');
      return {
        score,
        pValue: score.map((value) => pValue(value, calibration)),
        terms: terms
          ? Object.fromEntries(termNames.map((name) => [name, take(outputs, `term_${name}`)]))
          : {},
      };
    },
    async predict(rows, { falseAlarmRate, ...run } = {}) {
      const limit = threshold(falseAlarmRate);
      const { score } = await this.score(rows, { ...run, terms: false });
      return Uint8Array.from(score, (value) => Number(value > limit));
    },
    async explain(rows, run) {
      const { contributionShape } = modality;
      return take(await detect(rows, { contributions: contributionShape }, run), 'contributions');
    },
    async closestClass(rows, run) {
      if (!knowsClasses(parts)) {
        throw new OddityError(
          'UNSUPPORTED',
          'This detector knows one kind of normal; train with the classes of the normal rows (--conditional).',
        );
      }
      return Uint8Array.from(take(await detect(rows, { closest_class: [] }, run), 'closest_class'));
    },
    async nearest(rows, run) {
      const { references } = parts.weights.tensors;
      if (references === undefined) {
        throw new OddityError(
          'UNSUPPORTED',
          'A detector of images keeps no training images to compare with.',
        );
      }
      const found = take(await detect(rows, { nearest: [] }, run), 'nearest');
      const size = sizeOf(modality.domain);
      const values = new Float32Array(found.length * size);
      for (const [row, point] of found.entries()) {
        values.set(references.subarray(point * size, (point + 1) * size), row * size);
      }
      return restore(values);
    },
    async reconstruct(rows, run) {
      return restore(take(await perceive(rows, run), 'reconstruction'));
    },
    async encode(rows, run) {
      return take(await perceive(rows, run), 'latent');
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

// The rows of a training run: told apart, split three ways, and the way in which they enter a detector.
import { chooseRows, isTable, type RowSet, valuesOf } from '../data/rows.ts';
import { splitRows } from '../data/select.ts';
import { OddityError } from '../errors.ts';
import { sizeOf } from '../models/domain.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { imageModality } from './image-modality.ts';
import { type DataDescription, sha256, type TrainingSettings } from './manifest.ts';
import type { Modality } from './modality.ts';
import type { RunRowsOptions } from './run-rows.ts';
import type { TensorFile } from './safetensors.ts';
import type { ScoringRows } from './scoring.ts';
import { type FittedEncoding, fitEncoding, numbersOf } from './tables/encoding.ts';
import { tableModality } from './tables/modality.ts';
import { fitWhitening } from './tables/principal-whitening.ts';

/** Normal rows that a training needs. */
export const fewestRows = 20;

/**
 * Disjoint rows to train on, to set the scale of the scores, and to calibrate them: at random, or where the rows are
 * in order of time, the oldest to train on and the newest to calibrate. Rows that are not `trusted` are neither
 * trained on nor scale anything; calibration keeps its share of them, so that what it promises holds for rows as they
 * come. Throws BAD_DATA for too few.
 */
export function splitNormal(
  rows: RowSet,
  { holdOut, seed, split }: TrainingSettings,
  trusted?: Float32Array,
): ScoringRows {
  if (rows.count < fewestRows) {
    throw new OddityError(
      'BAD_DATA',
      `Training needs at least ${fewestRows} normal ${isTable(rows) ? 'rows' : 'images'}, got ${rows.count}; give more rows.`,
    );
  }
  const isTrusted = (row: number): boolean => trusted === undefined || trusted[row] !== 0;
  const { training, scale, calibration } = (split === 'ordered' ? inOrder : atRandom)(rows, holdOut, seed);
  return {
    training: chooseRows(rows, training.filter(isTrusted)),
    scale: chooseRows(rows, scale.filter(isTrusted)),
    calibration: chooseRows(rows, calibration),
  };
}

/** Share of the rows held out that calibrate; the rest set the scale. */
const calibrationShare = 0.75;

function atRandom(rows: RowSet, holdOut: number, seed: number | string) {
  const outer = splitRows(rows, { calibrationFraction: holdOut, seed: `${seed}/hold-out` });
  const held = { count: outer.calibration.length };
  const inner = splitRows(held, { calibrationFraction: calibrationShare, seed: `${seed}/calibration` });
  const rowOf = (i: number): number => outer.calibration[i] ?? 0;
  return {
    training: outer.training,
    scale: inner.training.map(rowOf),
    calibration: inner.calibration.map(rowOf),
  };
}

function inOrder({ count }: RowSet, holdOut: number) {
  const held = Math.min(count - 1, Math.max(2, Math.round(holdOut * count)));
  const calibrating = Math.min(held - 1, Math.max(1, Math.round(calibrationShare * held)));
  const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    training: range(0, count - held),
    scale: range(count - held, count - calibrating),
    calibration: range(count - calibrating, count),
  };
}

/** What tells one set of rows from another: the hash of all its values. */
export async function fingerprintOf(rows: RowSet): Promise<string> {
  const hashes = await Promise.all(
    valuesOf(rows).map(({ buffer, byteOffset, byteLength }) =>
      sha256(new Uint8Array(buffer, byteOffset, byteLength)),
    ),
  );
  return hashes.length === 1 ? (hashes[0] ?? '') : sha256(new TextEncoder().encode(hashes.join()));
}

/** A modality, and what of it a detector must keep. */
export interface FittedModality {
  readonly modality: Modality;
  readonly description: Pick<DataDescription, 'shape' | 'encoding' | 'contrast'>;
  readonly tensors: TensorFile['tensors'];
}

/** Fits to training rows how such rows enter a detector. */
export async function fitModality(
  training: RowSet,
  { scaling = 'standard', whitening: isWhitened = true, contrast }: TrainingSettings,
  run: RunRowsOptions & { readonly session?: SessionOptions },
): Promise<FittedModality> {
  if (!isTable(training)) {
    const modality = imageModality(training.shape, contrast);
    const description = { shape: [...training.shape] as [number, number, number] };
    return {
      modality,
      description: contrast === undefined ? description : { ...description, contrast },
      tensors: {},
    };
  }
  const fitted = fitEncoding(training, scaling);
  const plain = tableModality(fitted);
  const numbers = numbersOf(fitted.encoding).length;
  const { values } = await plain.store(training, run);
  const whitening =
    numbers === 0 || !isWhitened
      ? undefined
      : fitWhitening(values as Float32Array, sizeOf(plain.domain), numbers);
  const modality = tableModality(fitted, whitening);
  return {
    modality,
    description: { shape: [...modality.domain.shape], encoding: fitted.encoding },
    tensors: {
      knots: fitted.knots,
      ...(whitening === undefined
        ? {}
        : {
            'whitening.mean': whitening.mean,
            'whitening.forward': whitening.forward,
            'whitening.backward': whitening.backward,
          }),
    },
  };
}

/** The modality of a saved detector. */
export function modalityOf(
  { shape, encoding, contrast }: DataDescription,
  { tensors }: TensorFile,
): Modality {
  if (encoding === undefined) return imageModality(shape, contrast);
  const fitted: FittedEncoding = { encoding, knots: tensors.knots ?? new Float32Array() };
  const { 'whitening.mean': mean, 'whitening.forward': forward, 'whitening.backward': backward } = tensors;
  if (mean === undefined || forward === undefined || backward === undefined) return tableModality(fitted);
  return tableModality(fitted, { dimension: mean.length, mean, forward, backward });
}

// From trained weights to a calibrated score: reference points, standardised terms, one graph that does it all.
import type { RowSet } from '../data/rows.ts';
import { OddityError } from '../errors.ts';
import { add, asinh, divide, input, multiply, reduceSum, reshape, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { GenerativeModel } from '../models/model.ts';
import { type ParameterLayout, scopeOfValues } from '../nn/parameters.ts';
import { lowerGraph } from '../runtime/lower.ts';
import { compile, type SessionOptions } from '../runtime/session.ts';
import { pValueGraph } from './calibrate.ts';
import type { Modality } from './modality.ts';
import { type NeighbourOptions, nearestPoint } from './neighbours.ts';
import { fitReferences, type ReferenceOptions, unwhitened } from './references.ts';
import { type RunRowsOptions, runRows } from './run-rows.ts';
import {
  blameError,
  type Reference,
  type Term,
  type TermName,
  termNames,
  terms,
  type View,
  whiten,
} from './terms.ts';
import { viewsOf } from './view.ts';

export interface ScoringOptions extends ReferenceOptions {
  /** Terms that make the combined score, with their weights. */
  readonly combination: Readonly<Partial<Record<TermName, number>>>;
}

export const scoringDefaults: NeighbourOptions = { neighbours: 20, fellows: 5, locality: 0.8 };

/** Centre and spread of a term on held-out normal rows: mean and deviation, or median and quartiles' distance. */
export interface Standard {
  readonly center: number;
  readonly spread: number;
}

export interface FittedScoring {
  readonly standards: Readonly<Partial<Record<TermName, Standard>>>;
  /** Combined scores of the calibration rows, ascending. */
  readonly calibration: Float32Array;
  /** The whole detector: raw rows in; score, p-value, contributions and every term out. */
  readonly detectorModel: Uint8Array;
  /** The points that `nearest` counts, as models see rows [count, size]; tables have them. */
  readonly references?: Float32Array;
}

export interface ScoringRows {
  readonly training: RowSet;
  /** Held-out normal rows that set the scale of each term. */
  readonly scale: RowSet;
  /** Other held-out normal rows, for the p-values. */
  readonly calibration: RowSet;
}

/** Fits every score of an ensemble (one flat weight vector per member) and builds `detector.onnx`. */
export async function fitScoring(
  modality: Modality,
  model: GenerativeModel,
  layout: ParameterLayout,
  members: readonly Float32Array[],
  rows: ScoringRows,
  options: ScoringOptions,
  run: RunRowsOptions & { readonly session?: SessionOptions } = {},
): Promise<FittedScoring> {
  const views = viewsOf(
    modality,
    model,
    members.map((weights) => scopeOfValues(layout, weights)),
    classesIn(rows.training, model),
  );
  const references = await fitReferences(modality, model, views, rows.training, options, run);
  const raw = rawTerms(views, references);
  const session = await compile(raw, run.session);
  const measure = (set: RowSet) =>
    runRows(
      session,
      set.count,
      modality.feed(set),
      Object.fromEntries(Object.keys(raw).map((name) => [name, []])),
      run,
    );
  const scale = await measure(rows.scale);
  await session.close();

  const standards: Partial<Record<TermName, Standard>> = {};
  for (const name of Object.keys(raw) as TermName[])
    standards[name] = standardOf(
      scale[name] ?? new Float32Array(),
      name,
      (terms[name] as Term).isHeavy === true,
    );
  const parts = combinationOf(options, standards).map(({ name, weight, center, spread }) => {
    const standardised = multiply(subtract(raw[name] as Tensor, center), 1 / spread);
    const { isHeavy }: Term = terms[name];
    return { name, part: multiply(isHeavy ? asinh(standardised) : standardised, weight) };
  });
  const score = parts.map(({ part }) => part).reduce((sum, each) => add(sum, each));
  const calibration = await measureScore(score, modality, rows.calibration, run);
  const outputs: Record<string, Tensor> = {
    score,
    p_value: pValueGraph(score, calibration),
    contributions: modality.gather(contributionsOf(views, references, parts)),
  };
  for (const [name, tensor] of Object.entries(raw)) outputs[`term_${name}`] = tensor;
  const closestClass = views[0]?.perception.closestClass;
  if (closestClass !== undefined) outputs.closest_class = closestClass;
  const { values: points, metric } = references[0] ?? {};
  if (points !== undefined && metric !== undefined) {
    outputs.nearest = nearestPoint(whiten((views[0] as View).values, metric), points);
  }
  return {
    standards,
    calibration,
    detectorModel: lowerGraph(outputs, describe(modality)),
    ...(points === undefined || metric === undefined
      ? {}
      : { references: unwhitened(points.points, metric) }),
  };
}

/** The classes that a conditional model was told of by training rows; undefined for other models. */
function classesIn({ labels }: RowSet, { classes }: GenerativeModel): readonly number[] | undefined {
  if (classes === 0 || labels === undefined) return undefined;
  return [...new Set(labels)].sort((a, b) => a - b);
}

/** The combined scores of the calibration rows by the graph that will give all others, ascending. */
async function measureScore(
  score: Tensor,
  modality: Modality,
  rows: RowSet,
  run: RunRowsOptions & { readonly session?: SessionOptions },
): Promise<Float32Array> {
  const session = await compile({ score }, run.session);
  const { score: measured = new Float32Array() } = await runRows(
    session,
    rows.count,
    modality.feed(rows),
    { score: [] },
    run,
  );
  await session.close();
  return measured.sort();
}

/** Each term [batch], averaged over the members. */
function rawTerms(
  views: readonly View[],
  references: readonly Reference[],
): Partial<Record<TermName, Tensor>> {
  const raw: Partial<Record<TermName, Tensor>> = {};
  for (const name of termNames) {
    const each = views.map((view, i) => terms[name].score(view, references[i] as Reference));
    if (each.some((tensor) => tensor === undefined)) continue;
    const sum = (each as Tensor[]).reduce((a, b) => add(a, b));
    raw[name] = each.length === 1 ? sum : multiply(sum, 1 / each.length);
  }
  return raw;
}

function standardOf(values: Float32Array, name: string, isHeavy = false): Standard {
  const broken = values.find((value) => !Number.isFinite(value));
  if (broken !== undefined) {
    throw new OddityError(
      'DIVERGED',
      `The score '${name}' is not finite on held-out rows; train with a lower learning rate.`,
    );
  }
  if (isHeavy) {
    const sorted = values.slice().sort();
    const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
    return { center: at(0.5), spread: Math.max(at(0.75) - at(0.25), 1e-6) };
  }
  const center = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - center) ** 2, 0) / Math.max(1, values.length - 1);
  return { center, spread: Math.max(Math.sqrt(variance), 1e-6) };
}

function combinationOf({ combination }: ScoringOptions, standards: Partial<Record<TermName, Standard>>) {
  const entries = (Object.entries(combination) as [TermName, number][]).filter(([, weight]) => weight !== 0);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  return entries.map(([name, weight]) => {
    const standard = standards[name];
    if (standard === undefined) {
      throw new OddityError(
        'BAD_USAGE',
        `This model has no score '${name}'; it has ${Object.keys(standards).join(', ')}.`,
      );
    }
    return { name, weight: weight / total, ...standard };
  });
}

/**
 * Each term's part of the score, shared out over the row's values [batch, size] by the term's own blame and averaged over the members:
 * a row's contributions sum to its score.
 */
function contributionsOf(
  views: readonly View[],
  references: readonly Reference[],
  parts: readonly { readonly name: TermName; readonly part: Tensor }[],
): Tensor {
  const shares = parts.flatMap(({ name, part }) =>
    views.map((view, i) => {
      const term: Term = terms[name];
      const blame = term.blame?.(view, references[i] as Reference) ?? blameError(view);
      const share = divide(blame, reduceSum(blame, [1], true));
      return multiply(share, multiply(reshape(part, ['batch', 1]), 1 / views.length));
    }),
  );
  return shares.reduce((a, b) => add(a, b));
}

const describe = ({ documentation }: Modality) => ({
  name: 'oddity-detector',
  documentation:
    `${documentation} score: higher is more anomalous. ` +
    'p_value: conformal; an alarm where p_value <= the false-alarm rate you want. ' +
    'contributions: per value of the row, summing to the score. term_*: each score alone.',
});

/** `encoder.onnx`: raw rows -> latent means of the first member, and its reconstruction as it sees rows. */
export function encoderModel(
  modality: Modality,
  model: GenerativeModel,
  layout: ParameterLayout,
  weights: Float32Array,
): Uint8Array {
  const [view] = viewsOf(modality, model, [scopeOfValues(layout, weights)]);
  const { latent, reconstruction } = (view as View).perception;
  const images = reshape(reconstruction, ['batch', ...model.domain.shape]);
  return lowerGraph({ latent, reconstruction: images }, { name: 'oddity-encoder' });
}

/** `decoder.onnx`: latent vectors (and one-hot labels of a conditional model) -> images in [0, 1]. */
export function decoderModel(
  model: GenerativeModel,
  layout: ParameterLayout,
  weights: Float32Array,
): Uint8Array {
  const latent = input('latent', ['batch', model.latentDim]);
  const labels = model.classes > 0 ? input('labels', ['batch', model.classes]) : undefined;
  const images = model.decode(scopeOfValues(layout, weights), latent, labels);
  return lowerGraph({ images }, { name: 'oddity-decoder' });
}

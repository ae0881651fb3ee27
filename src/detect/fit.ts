// The training loop: an async generator of step records around the compiled steps of a model.
// Everything random is keyed by (seed, epoch or step), so a run resumed from a checkpoint equals an unbroken one.
import type { ImageSet } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { input } from '../graph/operations.ts';
import type { GenerativeModel, NoiseSpec } from '../models/model.ts';
import { type AdamOptions, adamRates, cosineSchedule } from '../nn/optimizer.ts';
import { initialize } from '../nn/parameters.ts';
import { createRandom, fillNormal, permutation, type Random } from '../nn/random.ts';
import { compile, type SessionOptions } from '../runtime/session.ts';
import { createPause, runRows } from './run-rows.ts';
import { createStepper, layoutOf, type TrainingState } from './training-step.ts';
import { normalizePixels } from './view.ts';

export interface FitOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Share of all steps over which the learning rate rises from 0. */
  readonly warmup: number;
  readonly adam: AdamOptions;
  readonly seed: number | string;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
}

/** Where a run stands: enough, with its options and rows, to go on as if nothing had happened. */
export interface Checkpoint {
  /** Epochs and steps done. */
  readonly epoch: number;
  readonly step: number;
  readonly state: TrainingState;
}

/** What a step tells; losses are running means over the epoch, per row, in nats. */
export interface StepRecord {
  readonly kind: 'step';
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly rows: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** The end of an epoch; `checkpoint` is valid until the generator goes on. */
export interface EpochRecord {
  readonly kind: 'epoch';
  readonly epoch: number;
  readonly epochs: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly checkpoint: Checkpoint;
}

/** The weights to score with: averaged ones where averaging is on. */
export const finalWeights = ({ average, weights }: TrainingState): Float32Array => average ?? weights;

/** Weights as first drawn, moments at zero. */
export function initialState(
  model: GenerativeModel,
  seed: number | string,
  adam: AdamOptions,
): TrainingState {
  const weights = initialize(layoutOf(model), seed);
  const zeros = () => new Float32Array(weights.length);
  const state = { weights, first: zeros(), second: zeros() };
  return adam.averageDecay > 0 ? { ...state, average: weights.slice() } : state;
}

/**
 * Trains `model` on `rows`, from `start` where given. Yields after each step and each epoch; returns the final state.
 * Throws DIVERGED at the first loss that is not finite, ABORTED when `signal` fires (between two steps).
 */
export async function* fit(
  model: GenerativeModel,
  rows: ImageSet,
  options: FitOptions,
  start?: Checkpoint,
): AsyncGenerator<StepRecord | EpochRecord, TrainingState> {
  const { epochs, batchSize, adam, seed, signal } = options;
  if (rows.count === 0) throw new OddityError('BAD_DATA', 'Training needs at least one row, got none.');
  const stepper = await createStepper(
    model,
    start?.state ?? initialState(model, seed, adam),
    adam,
    options.session,
  );
  try {
    const described = await describeRows(model, rows, options.session);
    const stepsPerEpoch = Math.ceil(rows.count / batchSize);
    const steps = stepsPerEpoch * epochs;
    const pause = createPause();
    let step = start?.step ?? 0;
    for (let epoch = (start?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
      const began = performance.now();
      const order = permutation(rows.count, createRandom(`${seed}/order/${epoch}`));
      const sums: Record<string, number> = {};
      const means = (count: number) =>
        Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
      for (let from = 0; from < rows.count; from += batchSize) {
        await pause();
        signal?.throwIfAborted();
        step++;
        const chosen = order.subarray(from, Math.min(from + batchSize, rows.count));
        const images = gatherRows(rows.pixels, chosen, rows.count);
        const description = described && gatherRows(described, chosen, rows.count);
        const labels = model.classes > 0 ? oneHot(rows, chosen, model.classes) : undefined;
        for (const { phase, step: run } of stepper.runners) {
          const random = createRandom(`${seed}/noise/${phase.name}/${step}`);
          const progress = (step - 1) / steps;
          const learningRate = cosineSchedule(step, {
            peak: options.learningRate,
            warmup: Math.round(options.warmup * steps),
            total: steps,
          });
          const parts = await run({
            rows: chosen.length,
            images,
            ...(labels === undefined ? {} : { labels }),
            ...(description === undefined ? {} : { description }),
            noise: mapEntries(phase.noise, (spec) => drawNoise(spec, chosen.length, random)),
            schedules: mapEntries(phase.schedules, (schedule) => schedule(progress)),
            rates: adamRates(step, learningRate, adam),
          });
          for (const [name, value] of Object.entries(parts)) {
            if (!Number.isFinite(value)) throw diverged(name, value, step, epoch);
            sums[name] = (sums[name] ?? 0) + value * chosen.length;
          }
        }
        const done = from + chosen.length;
        yield { kind: 'step', epoch, epochs, step, steps, rows: chosen.length, losses: means(done) };
      }
      const seconds = (performance.now() - began) / 1000;
      const checkpoint = { epoch, step, state: stepper.current() };
      yield { kind: 'epoch', epoch, epochs, losses: means(rows.count), seconds, checkpoint };
    }
    return copyState(stepper.current());
  } finally {
    await stepper.close();
  }
}

function diverged(name: string, value: number, step: number, epoch: number): OddityError {
  return new OddityError(
    'DIVERGED',
    `Training diverged: the loss '${name}' became ${value} at step ${step} (epoch ${epoch}); try a lower learning rate.`,
    { data: { name, value, step, epoch } },
  );
}

/** The model's fixed description of every row, where it wants one. */
async function describeRows(
  model: GenerativeModel,
  rows: ImageSet,
  options?: SessionOptions,
): Promise<Float32Array | undefined> {
  if (model.description === undefined) return undefined;
  const { length, of } = model.description;
  const pixels = input('pixels', ['batch', ...model.shape], 'uint8');
  const session = await compile({ description: of(normalizePixels(pixels)) }, options);
  const shape = [...model.shape];
  const { description } = await runRows(
    session,
    rows.count,
    { pixels: { values: rows.pixels, shape } },
    { description: [length] },
  );
  await session.close();
  return description;
}

function gatherRows<Values extends Float32Array | Uint8Array>(
  values: Values,
  chosen: ArrayLike<number>,
  count: number,
): Values {
  const size = values.length / count;
  const gathered = new (values.constructor as new (length: number) => Values)(chosen.length * size);
  for (let i = 0; i < chosen.length; i++) {
    const row = chosen[i] ?? 0;
    gathered.set(values.subarray(row * size, (row + 1) * size), i * size);
  }
  return gathered;
}

function oneHot({ labels }: ImageSet, chosen: ArrayLike<number>, classes: number): Float32Array {
  if (labels === undefined) {
    throw new OddityError(
      'BAD_DATA',
      'A class-conditional model needs labelled rows, but these have no labels.',
    );
  }
  const encoded = new Float32Array(chosen.length * classes);
  for (let i = 0; i < chosen.length; i++) encoded[i * classes + (labels[chosen[i] ?? 0] ?? 0)] = 1;
  return encoded;
}

function drawNoise({ shape, distribution }: NoiseSpec, rows: number, random: Random): Float32Array {
  const noise = new Float32Array(shape.reduce((product, length) => product * length, rows));
  if (distribution === 'normal') return fillNormal(noise, random);
  for (let i = 0; i < noise.length; i++) noise[i] = random.uniform();
  return noise;
}

function copyState(state: TrainingState): TrainingState {
  return mapEntries(state as unknown as Record<string, Float32Array>, (v) =>
    v.slice(),
  ) as unknown as TrainingState;
}

function mapEntries<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

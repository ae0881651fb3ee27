// The training loop: an async generator of step records around the compiled steps of a model.
// Everything random is keyed by (seed, epoch or step), so a run resumed from a checkpoint equals an unbroken one.
import { OddityError } from '../errors.ts';
import type { NoiseSpec, Stage, Trainable } from '../models/model.ts';
import { type AdamOptions, adamRates, cosineSchedule } from '../nn/optimizer.ts';
import { initialize } from '../nn/parameters.ts';
import { createRandom, fillNormal, permutation, type Random } from '../nn/random.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { StoredRows } from './modality.ts';
import { createPause } from './run-rows.ts';
import { createStepper, layoutOf, mapEntries, type Stepper, type TrainingState } from './training-step.ts';

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

/** What one or more steps tell; losses are running means over the epoch, per row, in nats. */
export interface StepRecord {
  readonly kind: 'step';
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done since the start of the run, and its total. */
  readonly step: number;
  readonly steps: number;
  /** Rows seen since the last record. */
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
export function initialState(model: Trainable, seed: number | string, adam: AdamOptions): TrainingState {
  const weights = initialize(layoutOf(model), seed);
  const zeros = () => new Float32Array(weights.length);
  const state = { weights, first: zeros(), second: zeros() };
  return adam.averageDecay > 0 ? { ...state, average: weights.slice() } : state;
}

/** The epochs of a stage: after `start`, up to `end`. */
export interface StagePlan {
  readonly stage: Stage;
  readonly start: number;
  readonly end: number;
}

/** Shares out the epochs, at least one to each stage. Throws BAD_USAGE for fewer epochs than stages. */
export function planStages({ stages }: Trainable, epochs: number): StagePlan[] {
  if (epochs < stages.length) {
    const names = stages.map(({ name }) => name).join(', then ');
    throw new OddityError(
      'BAD_USAGE',
      `This model trains in ${stages.length} stages (${names}) of at least one epoch each, got ${epochs} in all; give more epochs.`,
    );
  }
  let [start, shares] = [0, 0];
  return stages.map((stage, i) => {
    shares += stage.share;
    const latest = epochs - (stages.length - 1 - i);
    const end = Math.min(latest, Math.max(start + 1, Math.round(shares * epochs)));
    const plan = { stage, start, end };
    start = end;
    return plan;
  });
}

/** The runtime is entered for about so long at a time: short enough to stay responsive, long enough to pay. */
const blockMilliseconds = 120;
const mostSteps = 64;

/**
 * Trains `model` on `rows`, from `start` where given. Yields after each block of steps and each epoch; returns the
 * final state. Throws DIVERGED at the first loss or weight that is not finite, ABORTED when `signal` fires.
 */
export async function* fit(
  model: Trainable,
  rows: StoredRows,
  options: FitOptions,
  start?: Checkpoint,
): AsyncGenerator<StepRecord | EpochRecord, TrainingState> {
  const { epochs, batchSize, adam, seed, signal } = options;
  if (rows.count === 0) throw new OddityError('BAD_DATA', 'Training needs at least one row, got none.');
  const plans = planStages(model, epochs);
  const stepsPerEpoch = Math.ceil(rows.count / batchSize);
  const steps = stepsPerEpoch * epochs;
  const fullSteps = Math.floor(rows.count / batchSize);
  const pause = createPause();
  let state = start?.state ?? initialState(model, seed, adam);
  let epoch = start?.epoch ?? 0;
  let stepper: Stepper | undefined;
  try {
    for (const { stage, start: before, end } of plans) {
      if (epoch >= end) continue;
      // What the stage before has averaged is what this one builds on.
      const weights = epoch === before && epoch > 0 ? finalWeights(state).slice() : state.weights;
      await stepper?.close();
      stepper = await createStepper(model, stage, { ...state, weights }, adam, options.session);
      state = stepper.state;
      let blockSteps = 1;
      for (epoch++; epoch <= end; epoch++) {
        const began = performance.now();
        const order = permutation(rows.count, createRandom(`${seed}/order/${epoch}`));
        const sums: Record<string, number> = {};
        const means = (count: number) =>
          Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
        let step = stepsPerEpoch * (epoch - 1);
        for (let from = 0; from < rows.count; ) {
          await pause();
          if (signal?.aborted) throw new OddityError('ABORTED', `Training was stopped in epoch ${epoch}.`);
          const stepsLeft = fullSteps - Math.floor(from / batchSize);
          const count = Math.max(1, Math.min(blockSteps, stepsLeft));
          const chosen = order.subarray(from, Math.min(from + count * batchSize, rows.count));
          const entered = performance.now();
          const first = step + 1 - stepsPerEpoch * before;
          const parts = await stepper.run({
            ...blockFeed(model, rows, chosen, count),
            ...stepInputs(
              stage,
              options,
              { first, count, total: stepsPerEpoch * (end - before) },
              chosen.length / count,
            ),
          });
          for (const [name, values] of Object.entries(parts)) {
            for (const [i, value] of values.entries()) {
              if (!Number.isFinite(value)) throw diverged(`loss '${name}'`, value, step + 1 + i, epoch);
              sums[name] = (sums[name] ?? 0) + (value * chosen.length) / count;
            }
          }
          const stepMilliseconds = (performance.now() - entered) / count;
          blockSteps = Math.max(1, Math.min(mostSteps, Math.round(blockMilliseconds / stepMilliseconds)));
          step += count;
          from += chosen.length;
          yield { kind: 'step', epoch, epochs, step, steps, rows: chosen.length, losses: means(from) };
        }
        // The last step may have spoilt what its loss did not show: a checkpoint must be usable.
        const broken = state.weights.find((value) => !Number.isFinite(value));
        if (broken !== undefined) throw diverged('weights', broken, step, epoch);
        const seconds = (performance.now() - began) / 1000;
        const checkpoint = { epoch, step, state };
        yield { kind: 'epoch', epoch, epochs, losses: means(rows.count), seconds, checkpoint };
      }
      epoch = end;
    }
    return state;
  } finally {
    await stepper?.close();
  }
}

/** The chosen rows' arrays, for `count` steps one after the other. */
function blockFeed(model: Trainable, rows: StoredRows, chosen: Uint32Array, count: number) {
  return {
    steps: count,
    rows: chosen.length / count,
    values: gatherValues(rows, chosen),
    ...(model.classes > 0 ? { labels: oneHot(rows, chosen, model.classes) } : {}),
  };
}

/** Noise, schedules and rates of a stage's steps `first`.. (from 1), each step's from its own stream. */
function stepInputs(
  stage: Stage,
  { seed, adam, learningRate, warmup }: FitOptions,
  { first, count, total }: { first: number; count: number; total: number },
  rows: number,
) {
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  const noise = mapEntries(
    stage.noise,
    ({ shape }) => new Float32Array(shape.reduce((p, n) => p * n, count * rows)),
  );
  for (const [i, step] of numbers.entries()) {
    const random = createRandom(`${seed}/noise/${stage.name}/${step}`);
    for (const [name, spec] of Object.entries(stage.noise)) {
      const all = noise[name] ?? new Float32Array();
      drawNoise(all.subarray((i * all.length) / count, ((i + 1) * all.length) / count), spec, random);
    }
  }
  const rates = numbers.map((step) => {
    const rate = cosineSchedule(step, { peak: learningRate, warmup: Math.round(warmup * total), total });
    return adamRates(step, rate, adam);
  });
  return {
    noise,
    schedules: mapEntries(stage.schedules, (at) =>
      Float32Array.from(numbers, (step) => at((step - 1) / total)),
    ),
    rates: {
      stepSize: Float32Array.from(rates, ({ stepSize }) => stepSize),
      epsilon: Float32Array.from(rates, ({ epsilon }) => epsilon),
      decay: Float32Array.from(rates, ({ decay }) => decay),
      averageShare: Float32Array.from(rates, ({ averageShare }) => averageShare),
    },
  };
}

function diverged(what: string, value: number, step: number, epoch: number): OddityError {
  return new OddityError(
    'DIVERGED',
    `Training diverged: the ${what} became ${value} at step ${step} (epoch ${epoch}); try a lower learning rate.`,
    { data: { what, value, step, epoch } },
  );
}

/** The values of the chosen rows, one row after the other. */
function gatherValues({ values, count }: StoredRows, chosen: ArrayLike<number>): StoredRows['values'] {
  const size = values.length / count;
  const gathered = values.slice(0, chosen.length * size);
  for (let i = 0; i < chosen.length; i++) {
    const row = chosen[i] ?? 0;
    gathered.set(values.subarray(row * size, (row + 1) * size), i * size);
  }
  return gathered;
}

function oneHot({ labels }: StoredRows, chosen: ArrayLike<number>, classes: number): Float32Array {
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

function drawNoise(target: Float32Array, { distribution }: NoiseSpec, random: Random): void {
  if (distribution === 'normal') fillNormal(target, random);
  else for (let i = 0; i < target.length; i++) target[i] = random.uniform();
}

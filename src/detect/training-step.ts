// Training steps compiled into loops inside the runtime, one for each phase of a model.
// Weights and moments leave the runtime once in many steps: they are what a step would spend its time copying.
import { gradients } from '../graph/gradients.ts';
import { input, reshape } from '../graph/operations.ts';
import { type Tensor, topologicalOrder } from '../graph/tensor.ts';
import type { Batch, GenerativeModel, Phase } from '../models/model.ts';
import { type AdamOptions, type AdamRates, type AdamState, adamStep } from '../nn/optimizer.ts';
import { layOut, type ParameterGroup, type ParameterLayout, scopeOfGroups } from '../nn/parameters.ts';
import {
  type Buffer,
  compileLoop,
  createBuffer,
  type Session,
  type SessionOptions,
} from '../runtime/session.ts';
import { normalizePixels, pixelCount } from './view.ts';

/** The flat vectors that training changes; all have the layout's length. */
export interface TrainingState {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average?: Float32Array;
}
type StateName = keyof TrainingState;

/** What `steps` steps of `rows` rows each are fed; every array holds the steps one after the other. */
export interface StepsFeed {
  readonly steps: number;
  readonly rows: number;
  readonly images: Uint8Array;
  readonly labels?: Float32Array;
  readonly noise: Readonly<Record<string, Float32Array>>;
  /** One number per step. */
  readonly schedules: Readonly<Record<string, Float32Array>>;
  readonly rates: Readonly<Record<keyof AdamRates, Float32Array>>;
}

export interface PhaseRunner {
  readonly phase: Phase;
  /** Runs the steps, in place on the stepper's state. Resolves to each loss part, one number per step. */
  run(feed: StepsFeed): Promise<Record<string, Float32Array>>;
}

export interface Stepper {
  readonly layout: ParameterLayout;
  readonly runners: readonly PhaseRunner[];
  /** The state after the last step; later steps change it in place. */
  readonly state: TrainingState;
  close(): Promise<void>;
}

/** The layout of a model's parameters, each phase's in groups of their own. */
export function layoutOf(model: GenerativeModel): ParameterLayout {
  const owner = (name: string): string => model.phases.find((phase) => phase.owns(name))?.name ?? '';
  return layOut((scope) => {
    for (const phase of model.phases) phase.losses(scope, symbolicBatch(model, phase));
  }, owner);
}

const scalar = (name: string): Tensor => input(name, []);

function symbolicBatch(model: GenerativeModel, phase: Phase): Batch {
  const bytes = input('images', ['batch', pixelCount(model)], 'uint8');
  return {
    images: reshape(normalizePixels(bytes), ['batch', ...model.shape]),
    ...(model.classes > 0 ? { labels: input('labels', ['batch', model.classes]) } : {}),
    noise: mapEntries(phase.noise, ({ shape }, name) => input(`noise.${name}`, ['batch', ...shape])),
    schedules: mapEntries(phase.schedules, (_, name) => scalar(`schedule.${name}`)),
    rowShare: scalar('rowShare'),
  };
}

/** The graph of one step, and which output becomes which input of the next. */
export interface StepGraph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly carried: Readonly<Record<string, string>>;
}

const groupInput = (name: StateName, { length }: ParameterGroup, g: number): Tensor =>
  input(`${name}.${g}`, [length]);

/** Builds the graph of one step of a phase: new state and loss parts from old state and a batch. */
export function trainingGraph(
  model: GenerativeModel,
  phase: Phase,
  layout: ParameterLayout,
  adam: AdamOptions,
): StepGraph {
  const weights = layout.groups.map((group, g) => groupInput('weights', group, g));
  const { total, parts } = phase.losses(scopeOfGroups(layout, weights), symbolicBatch(model, phase));
  const owned = layout.groups.flatMap((group, g) => {
    const isOwned = layout.places.some((place) => place.group === g && phase.owns(place.name));
    return isOwned ? [{ group, g, weights: weights[g] as Tensor }] : [];
  });
  const flows = gradients(
    total,
    owned.map((each) => each.weights),
  );
  const states = owned.map(({ group, g, weights: current }): AdamState => {
    const state = {
      weights: current,
      first: groupInput('first', group, g),
      second: groupInput('second', group, g),
    };
    return adam.averageDecay > 0 ? { ...state, average: groupInput('average', group, g) } : state;
  });
  const rates = { stepSize: scalar('stepSize'), epsilon: scalar('epsilon'), decay: scalar('decay') };
  const outputs: Record<string, Tensor> = {};
  const carried: Record<string, string> = {};
  for (const [i, next] of adamStep(states, flows, rates, adam).entries()) {
    for (const [name, tensor] of Object.entries(next)) {
      const key = `${name}.${owned[i]?.g}`;
      outputs[`next.${key}`] = tensor as Tensor;
      carried[`next.${key}`] = key;
    }
  }
  // Weights of other phases are read only, but a loop passes on whatever does not change from step to step.
  for (const [g, tensor] of weights.entries()) {
    if (owned.some((each) => each.g === g)) continue;
    outputs[`same.weights.${g}`] = tensor;
    carried[`same.weights.${g}`] = `weights.${g}`;
  }
  for (const [name, tensor] of Object.entries(parts)) outputs[`part.${name}`] = tensor;
  return { outputs, carried };
}

/** Compiles a model's phases around `initial` (copied). */
export async function createStepper(
  model: GenerativeModel,
  initial: TrainingState,
  adam: AdamOptions,
  options: SessionOptions = {},
): Promise<Stepper> {
  const layout = layoutOf(model);
  const state = mapEntries(initial as unknown as Record<string, Float32Array>, (vector) => vector.slice());
  const views = new Map<string, Buffer>();
  for (const [name, vector] of Object.entries(state)) {
    for (const [g, { offset, length }] of layout.groups.entries()) {
      views.set(`${name}.${g}`, createBuffer(vector.subarray(offset, offset + length), [length]));
    }
  }
  const sessions: Session[] = [];
  const runners: PhaseRunner[] = [];
  for (const phase of model.phases) {
    const { outputs, carried } = trainingGraph(model, phase, layout, adam);
    const session = await compileLoop(outputs, carried, options);
    sessions.push(session);
    const inputs = new Set(
      topologicalOrder(Object.values(outputs)).flatMap((each) =>
        each.operation === 'input' ? [each.attributes.name] : [],
      ),
    );
    // The same memory is read and filled: the loop reads it before its first step and fills it after its last.
    const stateFeeds = Object.fromEntries(
      Object.values(carried).map((key) => [key, views.get(key) as Buffer]),
    );
    const stateFetches = mapEntries(carried, (key) => views.get(key) as Buffer);
    const partNames = Object.keys(outputs).filter((name) => name.startsWith('part.'));
    runners.push({
      phase,
      async run(feed) {
        const fed = stackedFeeds(model, phase, feed, inputs);
        const parts = Object.fromEntries(
          partNames.map((name) => [name, createBuffer(new Float32Array(feed.steps), [feed.steps])]),
        );
        await session.run({ ...stateFeeds, ...fed }, { ...stateFetches, ...parts });
        return Object.fromEntries(
          partNames.map((name) => [name.slice('part.'.length), parts[name]?.values as Float32Array]),
        );
      },
    });
  }
  return {
    layout,
    runners,
    state: state as unknown as TrainingState,
    close: async () => {
      for (const session of sessions) await session.close();
    },
  };
}

/** The inputs of a loop of steps, those that the graph reads. */
function stackedFeeds(
  model: GenerativeModel,
  phase: Phase,
  { steps, rows, images, labels, noise, schedules, rates }: StepsFeed,
  inputs: ReadonlySet<string>,
): Record<string, Buffer> {
  const feeds: Record<string, Buffer> = { steps: createBuffer(BigInt64Array.of(BigInt(steps)), []) };
  const feed = (
    name: string,
    values: Float32Array | Uint8Array | undefined,
    shape: readonly number[],
  ): void => {
    if (inputs.has(name) && values !== undefined) feeds[name] = createBuffer(values, [steps, ...shape]);
  };
  feed('images', images, [rows, images.length / (steps * rows)]);
  feed('labels', labels, [rows, model.classes]);
  for (const [name, values] of Object.entries(noise)) {
    feed(`noise.${name}`, values, [rows, ...(phase.noise[name]?.shape ?? [])]);
  }
  for (const [name, values] of Object.entries(schedules)) feed(`schedule.${name}`, values, []);
  for (const [name, values] of Object.entries(rates)) feed(name, values, []);
  feed('rowShare', new Float32Array(steps).fill(1 / rows), []);
  return feeds;
}

/** A record with the same keys and every value mapped. */
export function mapEntries<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, name: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

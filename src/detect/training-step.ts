// Training steps compiled into loops inside the runtime, one for each stage of a model: all optimisers of a step in
// one graph, so that a GAN's two networks share what both need.
// Weights and moments leave the runtime once in many steps: they are what a step would spend its time copying.
import { gradients } from '../graph/gradients.ts';
import { detach, input, multiply, reshape } from '../graph/operations.ts';
import { type Tensor, topologicalOrder } from '../graph/tensor.ts';
import { sizeOf } from '../models/domain.ts';
import type { Batch, Stage, Trainable } from '../models/model.ts';
import { type AdamOptions, type AdamRates, type AdamState, adamStep } from '../nn/optimizer.ts';
import { layOut, type ParameterGroup, type ParameterLayout, scopeOfGroups } from '../nn/parameters.ts';
import { type Buffer, compileLoop, createBuffer, type SessionOptions } from '../runtime/session.ts';

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
  /** The rows as they are kept, of the domain's storage type. */
  readonly values: Uint8Array | Float32Array;
  readonly labels?: Float32Array;
  readonly noise: Readonly<Record<string, Float32Array>>;
  /** One number per step. */
  readonly schedules: Readonly<Record<string, Float32Array>>;
  readonly rates: Readonly<Record<keyof AdamRates, Float32Array>>;
}

export interface Stepper {
  readonly layout: ParameterLayout;
  /** The state after the last step; later steps change it in place. */
  readonly state: TrainingState;
  /** Runs the steps, in place on the state. Resolves to each loss part, one number per step. */
  run(feed: StepsFeed): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/** The layout of all parameters, each phase's in groups of their own. */
export function layoutOf(model: Trainable): ParameterLayout {
  const phases = model.stages.flatMap((stage) => stage.phases);
  const owner = (name: string): string => phases.find((phase) => phase.owns(name))?.name ?? '';
  return layOut((scope) => {
    for (const stage of model.stages) {
      for (const phase of stage.phases) phase.losses(scope, symbolicBatch(model, stage));
    }
  }, owner);
}

const scalar = (name: string): Tensor => input(name, []);

function symbolicBatch(model: Trainable, stage: Stage): Batch {
  const { domain } = model;
  const stored = input('rows', ['batch', sizeOf(domain)], domain.storage);
  return {
    images: reshape(domain.open(stored), ['batch', ...domain.shape]),
    ...(model.classes > 0 ? { labels: input('labels', ['batch', model.classes]) } : {}),
    noise: mapEntries(stage.noise, ({ shape }, name) => input(`noise.${name}`, ['batch', ...shape])),
    schedules: mapEntries(stage.schedules, (_, name) => scalar(`schedule.${name}`)),
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

/** Builds the graph of one step of a stage: new state and loss parts from old state and a batch. */
export function trainingGraph(
  model: Trainable,
  stage: Stage,
  layout: ParameterLayout,
  adam: AdamOptions,
): StepGraph {
  const current = layout.groups.map((group, g) => groupInput('weights', group, g));
  const batch = symbolicBatch(model, stage);
  const rates = {
    stepSize: scalar('stepSize'),
    epsilon: scalar('epsilon'),
    decay: scalar('decay'),
    averageShare: scalar('averageShare'),
  };
  const outputs: Record<string, Tensor> = {};
  const carried: Record<string, string> = {};
  for (const phase of stage.phases) {
    const { total, parts } = phase.losses(scopeOfGroups(layout, current), batch);
    const owned = layout.groups.flatMap((group, g) => {
      const isOwned = layout.places.some((place) => place.group === g && phase.owns(place.name));
      return isOwned ? [{ group, g, weights: current[g] as Tensor }] : [];
    });
    const flows = gradients(
      total,
      owned.map((each) => each.weights),
    );
    const states = owned.map(({ group, g, weights }): AdamState => {
      const state = { weights, first: groupInput('first', group, g), second: groupInput('second', group, g) };
      return adam.averageDecay > 0 ? { ...state, average: groupInput('average', group, g) } : state;
    });
    const { rate = 1 } = phase;
    const own = {
      ...rates,
      stepSize: multiply(rates.stepSize, rate),
      decay: multiply(rates.decay, rate),
    };
    for (const [i, next] of adamStep(states, flows, rate === 1 ? rates : own, adam).entries()) {
      const { g = 0 } = owned[i] ?? {};
      for (const [name, tensor] of Object.entries(next)) {
        outputs[`next.${name}.${g}`] = tensor as Tensor;
        carried[`next.${name}.${g}`] = `${name}.${g}`;
      }
      // The next phase takes them as they are: its gradients must not flow through this update.
      current[g] = detach(next.weights);
    }
    for (const [name, tensor] of Object.entries(parts)) outputs[`part.${name}`] = tensor;
  }
  // Weights that are only read: a loop passes on whatever does not change from step to step.
  const read = topologicalOrder(Object.values(outputs));
  for (const [g, tensor] of current.entries()) {
    if (tensor.operation !== 'input' || !read.includes(tensor)) continue;
    outputs[`same.weights.${g}`] = tensor;
    carried[`same.weights.${g}`] = `weights.${g}`;
  }
  return { outputs, carried };
}

/** Compiles a stage around `initial` (copied). */
export async function createStepper(
  model: Trainable,
  stage: Stage,
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
  const { outputs, carried } = trainingGraph(model, stage, layout, adam);
  const session = await compileLoop(outputs, carried, options);
  const inputs = new Set(
    topologicalOrder(Object.values(outputs)).flatMap((each) =>
      each.operation === 'input' ? [each.attributes.name] : [],
    ),
  );
  // The same memory is read and filled: the loop reads it before its first step and fills it after its last.
  const stateFeeds = Object.fromEntries(Object.values(carried).map((key) => [key, views.get(key) as Buffer]));
  const stateFetches = mapEntries(carried, (key) => views.get(key) as Buffer);
  const partNames = Object.keys(outputs).filter((name) => name.startsWith('part.'));
  return {
    layout,
    state: state as unknown as TrainingState,
    async run(feed) {
      const fed = stackedFeeds(model, stage, feed, inputs);
      const parts = Object.fromEntries(
        partNames.map((name) => [name, createBuffer(new Float32Array(feed.steps), [feed.steps])]),
      );
      await session.run({ ...stateFeeds, ...fed }, { ...stateFetches, ...parts });
      return Object.fromEntries(
        partNames.map((name) => [name.slice('part.'.length), parts[name]?.values as Float32Array]),
      );
    },
    close: () => session.close(),
  };
}

/** The inputs of a loop of steps, those that the graph reads. */
function stackedFeeds(
  model: Trainable,
  stage: Stage,
  { steps, rows, values, labels, noise, schedules, rates }: StepsFeed,
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
  feed('rows', values, [rows, values.length / (steps * rows)]);
  feed('labels', labels, [rows, model.classes]);
  for (const [name, draws] of Object.entries(noise)) {
    feed(`noise.${name}`, draws, [rows, ...(stage.noise[name]?.shape ?? [])]);
  }
  for (const [name, each] of Object.entries(schedules)) feed(`schedule.${name}`, each, []);
  for (const [name, each] of Object.entries(rates)) feed(name, each, []);
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

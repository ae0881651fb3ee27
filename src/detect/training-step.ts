// One compiled training step for each phase of a model, and the weights that the steps pass on.
// Two sets of buffers take turns as input and output, so a step allocates nothing.
import { gradients } from '../graph/gradients.ts';
import { input, multiply, slice, toFloat } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { GenerativeModel, Phase } from '../models/model.ts';
import { type AdamOptions, type AdamRates, type AdamState, adamStep } from '../nn/optimizer.ts';
import { layOut, type ParameterLayout, scopeOfGroups } from '../nn/parameters.ts';
import {
  type Buffer,
  type Buffers,
  compile,
  createBuffer,
  type Session,
  type SessionOptions,
} from '../runtime/session.ts';

/** The flat vectors that training changes; all have the layout's length. */
export interface TrainingState {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average?: Float32Array;
}
type StateName = keyof TrainingState;

/** The arrays of one batch; the rows of each are `rows` long. */
export interface BatchValues {
  readonly rows: number;
  readonly images: Uint8Array;
  readonly labels?: Float32Array;
  readonly description?: Float32Array;
  readonly noise: Readonly<Record<string, Float32Array>>;
  readonly schedules: Readonly<Record<string, number>>;
  readonly rates: AdamRates;
}

export interface PhaseRunner {
  readonly phase: Phase;
  /** Runs one step, in place on the stepper's state. Resolves to the loss parts, means per row. */
  step(batch: BatchValues): Promise<Record<string, number>>;
}

export interface Stepper {
  readonly layout: ParameterLayout;
  readonly runners: readonly PhaseRunner[];
  /** The state after the last step; valid until the next. */
  current(): TrainingState;
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

function symbolicBatch(model: GenerativeModel, phase: Phase) {
  const bytes = input('images', ['batch', ...model.shape], 'uint8');
  return {
    images: multiply(toFloat(bytes), 1 / 255),
    ...(model.classes > 0 ? { labels: input('labels', ['batch', model.classes]) } : {}),
    ...(model.description ? { description: input('description', ['batch', model.description.length]) } : {}),
    noise: Object.fromEntries(
      Object.entries(phase.noise).map(([name, { shape }]) => [
        name,
        input(`noise.${name}`, ['batch', ...shape]),
      ]),
    ),
    schedules: Object.fromEntries(
      Object.keys(phase.schedules).map((name) => [name, scalar(`schedule.${name}`)]),
    ),
    rowShare: scalar('rowShare'),
  };
}

/** The graph of one step: new state and loss parts from old state and a batch. */
export function trainingGraph(
  model: GenerativeModel,
  phase: Phase,
  layout: ParameterLayout,
  adam: AdamOptions,
): Record<string, Tensor> {
  const groupOwned = layout.groups.map((_, g) =>
    layout.places.some((p) => p.group === g && phase.owns(p.name)),
  );
  const weights = layout.groups.map(({ length }, g) => input(`weights.${g}`, [length]));
  const { total, parts } = phase.losses(scopeOfGroups(layout, weights), symbolicBatch(model, phase));
  const owned = layout.groups.flatMap((group, g) => (groupOwned[g] ? [{ ...group, g }] : []));
  const flows = gradients(
    total,
    owned.map(({ g }) => weights[g] as Tensor),
  );
  const rates = { stepSize: scalar('stepSize'), epsilon: scalar('epsilon'), decay: scalar('decay') };
  const chunks = owned.flatMap(({ offset, chunks }, i) =>
    chunks.map((chunk) => ({ ...chunk, i, start: chunk.offset - offset })),
  );
  const states = chunks.map(({ offset, length }): AdamState => {
    const state = {
      weights: input(`weights@${offset}`, [length]),
      first: input(`first@${offset}`, [length]),
      second: input(`second@${offset}`, [length]),
    };
    return adam.averageDecay > 0 ? { ...state, average: input(`average@${offset}`, [length]) } : state;
  });
  const pieces = chunks.map(({ i, start, length }) => slice(flows[i] as Tensor, 0, start, start + length));
  const outputs: Record<string, Tensor> = {};
  for (const [c, next] of adamStep(states, pieces, rates, adam).entries()) {
    for (const [name, tensor] of Object.entries(next))
      outputs[`next.${name}@${chunks[c]?.offset}`] = tensor as Tensor;
  }
  for (const [name, tensor] of Object.entries(parts)) outputs[`part.${name}`] = tensor;
  return outputs;
}

/** Compiles a model's phases around `initial` (copied). */
export async function createStepper(
  model: GenerativeModel,
  initial: TrainingState,
  adam: AdamOptions,
  options: SessionOptions = {},
): Promise<Stepper> {
  const layout = layoutOf(model);
  const copy = (): TrainingState => ({
    weights: initial.weights.slice(),
    first: initial.first.slice(),
    second: initial.second.slice(),
    ...(initial.average === undefined ? {} : { average: initial.average.slice() }),
  });
  const sides = [copy(), copy()] as const;
  const buffers = sides.map((state) =>
    Object.entries(state).flatMap(([name, vector]: [string, Float32Array]) =>
      layout.groups.flatMap((group, g) => [
        { key: `${name}.${g}`, buffer: viewOf(vector, group) },
        ...group.chunks.map((chunk) => ({ key: `${name}@${chunk.offset}`, buffer: viewOf(vector, chunk) })),
      ]),
    ),
  );
  let turn = 0;
  const sessions: Session[] = [];
  const runners: PhaseRunner[] = [];
  for (const phase of model.phases) {
    const graph = trainingGraph(model, phase, layout, adam);
    const session = await compile(graph, options);
    sessions.push(session);
    const inputs = new Set(inputNames(graph));
    const updated = Object.keys(graph).filter((name) => name.startsWith('next.'));
    const partNames = Object.keys(graph).filter((name) => name.startsWith('part.'));
    const parts = Object.fromEntries(partNames.map((name) => [name, createBuffer(new Float32Array(1), [])]));
    const stateFeeds = buffers.map((side) =>
      Object.fromEntries(side.filter(({ key }) => inputs.has(key)).map(({ key, buffer }) => [key, buffer])),
    );
    const fetches = buffers.map((side) => ({
      ...parts,
      ...Object.fromEntries(
        side
          .filter(({ key }) => updated.includes(`next.${key}`))
          .map(({ key, buffer }) => [`next.${key}`, buffer]),
      ),
    }));
    const feedScalar = new Map<string, Buffer>();
    const scalarBuffer = (name: string, value: number): Buffer => {
      const buffer = feedScalar.get(name) ?? createBuffer(new Float32Array(1), []);
      feedScalar.set(name, buffer);
      buffer.values[0] = value;
      return buffer;
    };
    runners.push({
      phase,
      async step({ rows, images, labels, description, noise, schedules, rates }) {
        const feeds: Record<string, Buffer> = { ...stateFeeds[turn] };
        const feed = (name: string, make: () => Buffer): void => {
          if (inputs.has(name)) feeds[name] = make();
        };
        feed('images', () => createBuffer(images, [rows, ...model.shape]));
        if (labels !== undefined) feed('labels', () => createBuffer(labels, [rows, model.classes]));
        if (description !== undefined) {
          feed('description', () => createBuffer(description, [rows, description.length / rows]));
        }
        for (const [name, values] of Object.entries(noise)) {
          feed(`noise.${name}`, () => createBuffer(values, [rows, ...(phase.noise[name]?.shape ?? [])]));
        }
        for (const [name, value] of Object.entries(schedules))
          feed(`schedule.${name}`, () => scalarBuffer(name, value));
        for (const [name, value] of Object.entries(rates)) feed(name, () => scalarBuffer(name, value));
        feed('rowShare', () => scalarBuffer('rowShare', 1 / rows));
        const other = 1 - turn;
        await session.run(feeds, fetches[other] as Buffers);
        if (model.phases.length > 1) copyUntouched(layout, phase, sides[turn], sides[other]);
        turn = other;
        return Object.fromEntries(partNames.map((name) => [name.slice(5), Number(parts[name]?.values[0])]));
      },
    });
  }
  return {
    layout,
    runners,
    current: () => sides[turn] as TrainingState,
    close: async () => {
      for (const session of sessions) await session.close();
    },
  };
}

/** Carries over what a phase does not update, so that both sides agree before the next phase. */
function copyUntouched(
  layout: ParameterLayout,
  phase: Phase,
  from?: TrainingState,
  to?: TrainingState,
): void {
  if (from === undefined || to === undefined) return;
  for (const { name, offset, length } of layout.places) {
    if (phase.owns(name)) continue;
    for (const key of Object.keys(from) as StateName[]) {
      to[key]?.set(from[key]?.subarray(offset, offset + length) ?? [], offset);
    }
  }
}

const viewOf = (vector: Float32Array, { offset, length }: { offset: number; length: number }): Buffer =>
  createBuffer(vector.subarray(offset, offset + length), [length]);

function inputNames(graph: Readonly<Record<string, Tensor>>): string[] {
  const names = new Set<string>();
  const seen = new Set<Tensor>();
  const visit = (tensors: readonly Tensor[]): void => {
    for (const tensor of tensors) {
      if (seen.has(tensor)) continue;
      seen.add(tensor);
      if (tensor.operation === 'input') names.add(tensor.attributes.name);
      visit(tensor.inputs);
    }
  };
  visit(Object.values(graph));
  return [...names];
}

// How a model names its weights, and how they lie in memory: one flat vector, a few contiguous groups.
// Large tensors are groups of their own; all small ones share one, so an optimiser step is few operations.
import { constant, input, reshape, slice } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { createRandom } from './random.ts';

/** The law that a weight is drawn from at the start. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

/** Hands a model its weights by name. A model asks the same scope twice to share a weight. */
export interface Scope {
  parameter(name: string, shape: readonly number[], initializer: Initializer): Tensor;
}

/** A run of the flat vector that is one input of a training graph. */
export interface ParameterGroup {
  readonly offset: number;
  readonly length: number;
}
export interface ParameterPlace extends ParameterSpec {
  readonly group: number;
  /** Where the tensor starts in the flat vector, in elements. */
  readonly offset: number;
  readonly length: number;
}
export interface ParameterLayout {
  readonly places: readonly ParameterPlace[];
  readonly groups: readonly ParameterGroup[];
  readonly length: number;
}

/** Tensors of at least this many elements are updated alone: copying them together would cost more than it saves. */
const largeTensor = 16384;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/**
 * Runs `build` once on paper and lays out every parameter that it asks for.
 * Parameters of different owners (the networks of a GAN) never share a group.
 */
export function layOut(
  build: (scope: Scope) => unknown,
  ownerOf: (name: string) => string = () => '',
): ParameterLayout {
  const specs = new Map<string, ParameterSpec>();
  build({
    parameter(name, shape, initializer) {
      specs.set(name, { name, shape, initializer });
      return input(name, shape);
    },
  });
  const isLarge = (spec: ParameterSpec): boolean => sizeOf(spec.shape) >= largeTensor;
  const large = [...specs.values()].filter(isLarge);
  const small = new Map<string, ParameterSpec[]>();
  for (const spec of [...specs.values()].filter((each) => !isLarge(each))) {
    const owner = ownerOf(spec.name);
    small.set(owner, [...(small.get(owner) ?? []), spec]);
  }
  const places: ParameterPlace[] = [];
  const groups: ParameterGroup[] = [];
  let offset = 0;
  for (const members of [...large.map((spec) => [spec]), ...small.values()]) {
    const start = offset;
    for (const spec of members) {
      const length = sizeOf(spec.shape);
      places.push({ ...spec, group: groups.length, offset, length });
      offset += length;
    }
    groups.push({ offset: start, length: offset - start });
  }
  return { places, groups, length: offset };
}

/** Draws every parameter; each has its own stream, so that adding one leaves the others as they were. */
export function initialize(layout: ParameterLayout, seed: number | string): Float32Array {
  const values = new Float32Array(layout.length);
  for (const { name, offset, length, initializer } of layout.places) {
    const random = createRandom(`${seed}/initial/${name}`);
    const target = values.subarray(offset, offset + length);
    switch (initializer.kind) {
      case 'zeros':
        break;
      case 'constant':
        target.fill(initializer.value);
        break;
      case 'normal':
        for (let i = 0; i < length; i++) target[i] = initializer.deviation * random.normal();
        break;
      case 'uniform':
        for (let i = 0; i < length; i++) target[i] = initializer.bound * (2 * random.uniform() - 1);
        break;
    }
  }
  return values;
}

function placeOf(layout: ParameterLayout, name: string): ParameterPlace {
  const place = layout.places.find((each) => each.name === name);
  if (place === undefined) throw new RangeError(`The layout has no parameter '${name}'.`);
  return place;
}

/** A scope whose weights are views of the group inputs of a training graph. */
export function scopeOfGroups(layout: ParameterLayout, groups: readonly Tensor[]): Scope {
  return {
    parameter(name) {
      const place = placeOf(layout, name);
      const group = layout.groups[place.group];
      const vector = groups[place.group];
      if (group === undefined || vector === undefined) throw new RangeError(`No group holds '${name}'.`);
      const start = place.offset - group.offset;
      return reshape(slice(vector, 0, start, start + place.length), place.shape);
    },
  };
}

/** A scope whose weights are stored in the graph, for scoring and export. */
export function scopeOfValues(layout: ParameterLayout, values: Float32Array, prefix = ''): Scope {
  const made = new Map<string, Tensor>();
  return {
    parameter(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      const { offset, length, shape } = placeOf(layout, prefix + name);
      const tensor = constant(values.slice(offset, offset + length), shape);
      made.set(name, tensor);
      return tensor;
    },
  };
}

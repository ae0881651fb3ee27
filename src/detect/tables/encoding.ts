// How the columns of a table become features, fitted on training rows only: numbers scaled, categories one-hot.
// Plain data, so that it can be stored, drawn as a graph (encoding-graph.ts) and undone.
import { z } from 'zod';
import type { CategoryColumn, NumberColumn, TableSet } from '../../data/table.ts';
import { OddityError } from '../../errors.ts';
import type { Segment } from '../../models/table-domain.ts';
import { normalQuantile } from './normal-quantile.ts';

export const scalings = ['standard', 'log', 'quantile'] as const;
export type Scaling = (typeof scalings)[number];

/** Cells of a quantile table: straight lines between so many knots. */
export const cells = 1024;
/** Categories beyond the most frequent ones share a place with those never seen. */
const mostCategories = 64;
/** Fourth moment over squared variance beyond which a column has heavy tails; a Gaussian's is 3. */
const heavyTails = 10;
/** How far out a missing number is put where training rows missed none, in units of the feature's spread. */
const missingFar = 8;

const numberEncoding = z.strictObject({
  kind: z.literal('number'),
  name: z.string(),
  /** t = (x - center) / scale, and u = asinh(t) where tails are tamed, else t. */
  center: z.number(),
  scale: z.number().positive(),
  tamed: z.boolean(),
  /** (u - from) / step is the feature, or its place in the table of knots. */
  from: z.number(),
  step: z.number().positive(),
  /** What a missing number becomes, as a feature. */
  missing: z.number(),
});
const categoryEncoding = z.strictObject({
  kind: z.literal('category'),
  name: z.string(),
  /** Texts with a place of their own; '' is a missing one. The place after the last is everybody else's. */
  keys: z.array(z.string()),
});
export const encodingSchema = z.strictObject({
  scaling: z.enum(scalings),
  columns: z.array(z.discriminatedUnion('kind', [numberEncoding, categoryEncoding])),
});
export type TableEncoding = z.infer<typeof encodingSchema>;
export type NumberEncoding = z.infer<typeof numberEncoding>;
export type CategoryEncoding = z.infer<typeof categoryEncoding>;

/** An encoding with its knots: features at the knots of each number column [numbers, cells + 1]. */
export interface FittedEncoding {
  readonly encoding: TableEncoding;
  readonly knots: Float32Array;
}

export const numbersOf = ({ columns }: TableEncoding): NumberEncoding[] =>
  columns.filter((column): column is NumberEncoding => column.kind === 'number');
export const categoriesOf = ({ columns }: TableEncoding): CategoryEncoding[] =>
  columns.filter((column): column is CategoryEncoding => column.kind === 'category');

/** Numbers first, side by side, then each category's places. */
export function segmentsOf(encoding: TableEncoding): Segment[] {
  const numbers = numbersOf(encoding).length;
  const segments: Segment[] = numbers > 0 ? [{ kind: 'numbers', start: 0, length: numbers }] : [];
  let start = numbers;
  for (const { keys } of categoriesOf(encoding)) {
    segments.push({ kind: 'category', start, length: keys.length + 1 });
    start += keys.length + 1;
  }
  return segments;
}

/** Fits an encoding to training rows. Throws BAD_DATA for a table without columns. */
export function fitEncoding({ columns, count }: TableSet, scaling: Scaling): FittedEncoding {
  if (columns.length === 0 || count === 0) {
    throw new OddityError(
      'BAD_DATA',
      `A detector learns from numbers and categories, got ${columns.length} such columns and ${count} rows; check the schema.`,
    );
  }
  const knots: Float32Array[] = [];
  const encoding: TableEncoding = {
    scaling,
    columns: columns.map((column) => {
      if (column.kind === 'category') return fitCategory(column);
      const { number, features } = fitNumber(column, scaling);
      knots.push(features);
      return number;
    }),
  };
  const all = new Float32Array(knots.length * (cells + 1));
  for (const [i, features] of knots.entries()) all.set(features, i * (cells + 1));
  return { encoding, knots: all };
}

function fitNumber({ name, values }: NumberColumn, scaling: Scaling) {
  const largest = 1e18;
  const present = values.filter((value) => !Number.isNaN(value));
  const sorted = Float64Array.from(present, (value) => Math.max(-largest, Math.min(largest, value))).sort();
  const anyMissing = present.length < values.length;
  const missing = anyMissing ? 0 : -missingFar;
  const { mean, deviation } = momentsOf(sorted);
  if (scaling === 'standard') {
    const number = { center: mean, scale: deviation, tamed: false, from: 0, step: 1, missing };
    return { number: { kind: 'number' as const, name, ...number }, features: new Float32Array(cells + 1) };
  }
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const center = at(0.5);
  const spread = (at(0.75) - at(0.25)) / 1.349;
  const scale = spread > 0 ? spread : deviation;
  const toU = (x: number): number => Math.asinh((x - center) / scale);
  if (scaling === 'log') {
    const fourth = sorted.reduce((sum, x) => sum + ((x - mean) / deviation) ** 4, 0) / sorted.length;
    const tamed = fourth > heavyTails;
    const unit = tamed ? typicalStep(sorted, center) : 1;
    const u = sorted.map((x) => (tamed ? Math.asinh((x - center) / unit) : x - center));
    const after = momentsOf(u);
    const number = { center, scale: unit, tamed, from: after.mean, step: after.deviation, missing };
    return { number: { kind: 'number' as const, name, ...number }, features: new Float32Array(cells + 1) };
  }
  const [low, high] = [toU(at(0)), toU(at(1))];
  const from = low;
  const step = Math.max((high - low) / cells, 1e-6);
  const features = new Float32Array(cells + 1);
  let [below, upTo] = [0, 0];
  for (let cell = 0; cell <= cells; cell++) {
    const x = center + scale * Math.sinh(from + cell * step);
    const slack = 1e-9 * Math.max(1, Math.abs(x));
    while (below < sorted.length && (sorted[below] ?? 0) < x - slack) below++;
    while (upTo < sorted.length && (sorted[upTo] ?? 0) <= x + slack) upTo++;
    const share = ((below + upTo) / 2 + 0.5) / (sorted.length + 1);
    features[cell] = normalQuantile(Math.min(Math.max(share, 1e-7), 1 - 1e-7));
  }
  const number = { kind: 'number' as const, name, center, scale, tamed: true, from, step, missing };
  return { number, features };
}

/** The median distance from the centre of the numbers that are not there: the unit of a logarithm. */
function typicalStep(sorted: Float64Array, center: number): number {
  const distances = sorted
    .map((x) => Math.abs(x - center))
    .filter((distance) => distance > 0)
    .sort();
  return distances[distances.length >> 1] ?? 1;
}

function momentsOf(values: Float64Array): { mean: number; deviation: number } {
  const count = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const deviation = Math.sqrt(variance);
  // A constant column: any other value is as far out as its difference.
  return { mean, deviation: deviation > 1e-9 * Math.max(1, Math.abs(mean)) ? deviation : 1 };
}

function fitCategory({ name, codes, dictionary }: CategoryColumn): CategoryEncoding {
  const counts = new Uint32Array(dictionary.length + 1);
  for (const code of codes) counts[code + 1] = (counts[code + 1] ?? 0) + 1;
  const seen = [...counts.keys()].filter((place) => (counts[place] ?? 0) > 0);
  const keys = seen
    .sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b)
    .slice(0, mostCategories)
    .map((place) => (place === 0 ? '' : (dictionary[place - 1] ?? '')));
  return { kind: 'category', name, keys };
}

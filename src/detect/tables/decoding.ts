// Features back to columns: what a model expects or draws, in the units that people know.
import type { TableColumn, TableSet } from '../../data/table.ts';
import { categoriesOf, cells, type FittedEncoding, type NumberEncoding, numbersOf } from './encoding.ts';

/** Features [count, size] as the rows that they stand for; categories are the likeliest ones. */
export function decodeFeatures({ encoding, knots }: FittedEncoding, features: Float32Array): TableSet {
  const [numbers, categories] = [numbersOf(encoding), categoriesOf(encoding)];
  const size = numbers.length + categories.reduce((sum, { keys }) => sum + keys.length + 1, 0);
  const count = features.length / size;
  const starts = new Map<string, number>();
  for (const [i, { name }] of numbers.entries()) starts.set(name, i);
  let start = numbers.length;
  for (const { name, keys } of categories) {
    starts.set(name, start);
    start += keys.length + 1;
  }
  const columns = encoding.columns.map((column): TableColumn => {
    const first = starts.get(column.name) ?? 0;
    if (column.kind === 'number') {
      const i = numbers.indexOf(column);
      const table = knots.subarray(i * (cells + 1), (i + 1) * (cells + 1));
      const back = encoding.scaling === 'quantile' ? undoTable : undoStandard;
      const values = Float32Array.from({ length: count }, (_, row) =>
        back(features[row * size + first] ?? 0, column, table),
      );
      return { kind: 'number', name: column.name, values };
    }
    const dictionary = [...column.keys, '(other)'];
    const codes = Int32Array.from({ length: count }, (_, row) => {
      const from = row * size + first;
      const places = features.subarray(from, from + dictionary.length);
      const likeliest = places.indexOf(Math.max(...places));
      return dictionary[likeliest] === '' ? -1 : likeliest;
    });
    return { kind: 'category', name: column.name, codes, dictionary };
  });
  return { count, columns };
}

const undoStandard = (feature: number, { center, scale, tamed, from, step }: NumberEncoding): number => {
  const u = from + step * feature;
  return center + scale * (tamed ? Math.sinh(u) : u);
};

/** The number whose feature this is; in the middle where a stretch of numbers shares it. */
function undoTable(
  feature: number,
  { center, scale, from, step }: NumberEncoding,
  table: Float32Array,
): number {
  const last = table[cells] ?? 0;
  const first = table[0] ?? 0;
  const toNumber = (u: number): number => center + scale * Math.sinh(u);
  if (feature >= last) return toNumber(from + cells * step + Math.min(feature - last, 20));
  if (feature <= first) return toNumber(from - Math.min(first - feature, 20));
  const above = firstWhere(table, (knot) => knot > feature);
  const from1 = firstWhere(table, (knot) => knot >= feature);
  if (from1 < above) return toNumber(from + ((from1 + above - 1) / 2) * step);
  const [low, high] = [table[above - 1] ?? 0, table[above] ?? 0];
  return toNumber(from + (above - 1 + (feature - low) / (high - low)) * step);
}

/** The first place in an ascending table for which `holds`, by halving. */
function firstWhere(table: Float32Array, holds: (knot: number) => boolean): number {
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(table[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

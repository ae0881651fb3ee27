// What a detector's model draws of a table: rows to read, and how far their columns are from those of real rows.
import { type CategoryColumn, selectTableRows, type TableColumn, type TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import { describeTable } from './table-data.ts';
import { valueText } from './value-text.ts';

export interface TableGeneration {
  /** The first rows drawn, their values as texts in the order of the columns. */
  readonly samples: readonly (readonly string[])[];
  /**
   * Of each column, how far drawn rows are from real ones, 0..1: the largest difference of cumulative shares
   * (Kolmogorov-Smirnov), total variation for categories.
   */
  readonly differences: readonly (number | undefined)[];
  /** The same between two halves of the real rows: what chance alone comes to. */
  readonly byChance: readonly (number | undefined)[];
  /** Mean absolute difference of the numbers' correlations; where there are two numbers. */
  readonly correlationError?: number;
}

const shown = 10;
const measured = 2000;

/** Draws as many rows as there are real ones, 2,000 at most, and holds them against those. */
export async function showTableGeneration(
  detector: Detector<TableSet>,
  real: TableSet,
): Promise<TableGeneration> {
  const order = permutation(real.count, createRandom('report/real-rows'));
  const kept = selectTableRows(real, order.subarray(0, measured));
  const drawn = await detector.generate(Math.max(shown, kept.count), { seed: 'measured' });
  const half = Math.floor(kept.count / 2);
  const halves = [0, 1].map((side) =>
    selectTableRows(
      kept,
      Array.from({ length: half }, (_, i) => side * half + i),
    ),
  ) as [TableSet, TableSet];
  const correlationError = correlationDifference(kept, drawn);
  return {
    samples: Array.from({ length: shown }, (_, row) => drawn.columns.map((_, k) => valueText(drawn, k, row))),
    differences: differencesOf(kept, drawn),
    byChance: differencesOf(...halves),
    ...(Number.isFinite(correlationError) ? { correlationError } : {}),
  };
}

function differencesOf(real: TableSet, other: TableSet): (number | undefined)[] {
  const columns = other.columns.map((column, k) => joinColumns(real.columns[k] ?? column, column));
  const isOther = Uint8Array.from({ length: real.count + other.count }, (_, row) =>
    Number(row >= real.count),
  );
  return describeTable('', { count: isOther.length, columns }, isOther).columns.map(
    ({ difference }) => difference,
  );
}

/** Real values that the other column has no name for are its last: models put rare ones together. */
function joinColumns(real: TableColumn, other: TableColumn): TableColumn {
  if (real.kind === 'number' && other.kind === 'number') {
    return { ...other, values: Float32Array.from([...real.values, ...other.values]) };
  }
  const [first, second] = [real as CategoryColumn, other as CategoryColumn];
  const places = new Map(second.dictionary.map((name, code) => [name, code]));
  const translated = first.codes.map((code) =>
    code < 0 ? -1 : (places.get(first.dictionary[code] ?? '') ?? second.dictionary.length - 1),
  );
  return { ...second, codes: Int32Array.from([...translated, ...second.codes]) };
}

function correlationDifference(real: TableSet, drawn: TableSet): number {
  const [a, b] = [real, drawn].map((rows) => describeTable('', rows).correlations.values.flat());
  const gaps = (a ?? []).map((value, i) => Math.abs(value - (b?.[i] ?? Number.NaN))).filter(Number.isFinite);
  // The diagonal is 1 in both.
  const pairs = gaps.length - Math.sqrt(a?.length ?? 0);
  return pairs > 0 ? gaps.reduce((sum, gap) => sum + gap, 0) / pairs : Number.NaN;
}

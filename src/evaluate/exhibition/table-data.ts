// A table before any model: what its columns are, how full, and where normal and anomalous rows differ.
import type { NumberColumn, TableColumn, TableSet } from '../../data/table.ts';

/** Shares over bins or categories, of normal and of anomalous rows; each sums to 1 where there are such rows. */
export interface Distribution {
  /** Bin edges, one more than shares, for numbers; the categories' names else. */
  readonly edges?: readonly number[];
  readonly names?: readonly string[];
  readonly normal: readonly number[];
  readonly anomalous: readonly number[];
}

export interface ColumnSummary {
  readonly name: string;
  readonly kind: TableColumn['kind'];
  /** Share of rows without a value. */
  readonly missing: number;
  /** Smallest, median, largest number; for categories how many there are and the most frequent. */
  readonly range?: readonly [number, number, number];
  readonly distinct?: number;
  readonly common?: string;
  /** Largest difference of the two kinds' cumulative shares, 0..1 (Kolmogorov-Smirnov); total variation of categories. */
  readonly difference?: number;
  readonly distribution: Distribution;
}

export interface TableData {
  readonly kind: 'table';
  readonly name: string;
  readonly rows: number;
  /** Anomalous rows, where some are labelled. */
  readonly anomalous?: number;
  readonly columns: readonly ColumnSummary[];
  /** Columns that no detector learns from, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
  /** Pearson correlations of the first numeric columns, of rows where both are known. */
  readonly correlations: {
    readonly names: readonly string[];
    readonly values: readonly (readonly number[])[];
  };
}

const bins = 24;
const mostNames = 8;
const mostCorrelated = 16;

/** Looks at the rows; `isAnomaly` holds 1 for each anomalous one, where that is known. */
export function describeTable(
  name: string,
  table: TableSet,
  isAnomaly?: Uint8Array,
  left: TableData['left'] = [],
): TableData {
  const anomalous = isAnomaly?.reduce((sum, each) => sum + each, 0);
  const columns = table.columns.map((column) => summarise(column, isAnomaly));
  return {
    kind: 'table',
    name,
    rows: table.count,
    ...(anomalous === undefined ? {} : { anomalous }),
    columns,
    left,
    correlations: correlate(table),
  };
}

function summarise(column: TableColumn, isAnomaly?: Uint8Array): ColumnSummary {
  return column.kind === 'number'
    ? summariseNumbers(column, isAnomaly)
    : summariseCategory(column, isAnomaly);
}

function summariseNumbers({ name, values }: NumberColumn, isAnomaly?: Uint8Array): ColumnSummary {
  const isKnown = (value: number): boolean => Number.isFinite(value);
  const known = values.filter(isKnown).sort();
  const missing = 1 - known.length / Math.max(1, values.length);
  const at = (share: number): number => known[Math.round(share * (known.length - 1))] ?? 0;
  const kinds = [0, 1].map((kind) =>
    values.filter((value, row) => isKnown(value) && (isAnomaly?.[row] ?? 0) === kind),
  ) as [Float32Array, Float32Array];
  // The far percent of long tails would leave all others in one bin: they go into the outer ones.
  const [low, high] = [at(0.005), at(0.995)];
  const step = (high - low) / bins || 1;
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + i * step);
  const shares = (part: Float32Array): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of part) {
      const bin = Math.max(0, Math.min(bins - 1, Math.floor((value - low) / step)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts.map((count) => (part.length === 0 ? 0 : count / part.length));
  };
  const [normal, anomalous] = kinds.map((part) => shares(part)) as [number[], number[]];
  return {
    name,
    kind: 'number',
    missing,
    ...(known.length === 0 ? {} : { range: [at(0), at(0.5), at(1)] as const }),
    ...(kinds[0].length > 0 && kinds[1].length > 0 ? { difference: kolmogorov(kinds[0], kinds[1]) } : {}),
    distribution: { edges, normal, anomalous },
  };
}

function summariseCategory(
  { name, codes, dictionary }: Extract<TableColumn, { kind: 'category' }>,
  isAnomaly?: Uint8Array,
): ColumnSummary {
  const counts = [0, 1].map((kind) => {
    const found = new Float64Array(dictionary.length);
    for (const [row, code] of codes.entries()) {
      if (code >= 0 && (isAnomaly?.[row] ?? 0) === kind) found[code] = (found[code] ?? 0) + 1;
    }
    return found;
  }) as [Float64Array, Float64Array];
  const totals = counts.map((part) => part.reduce((sum, each) => sum + each, 0)) as [number, number];
  const all = counts[0].map((count, code) => count + (counts[1][code] ?? 0));
  const order = [...all.keys()]
    .filter((code) => (all[code] ?? 0) > 0)
    .sort((a, b) => (all[b] ?? 0) - (all[a] ?? 0));
  const share = (kind: 0 | 1, code: number): number => (counts[kind][code] ?? 0) / Math.max(1, totals[kind]);
  const [shown, rest] = [order.slice(0, mostNames), order.slice(mostNames)];
  const shares = (kind: 0 | 1): number[] => [
    ...shown.map((code) => share(kind, code)),
    ...(rest.length > 0 ? [rest.reduce((sum, code) => sum + share(kind, code), 0)] : []),
  ];
  const names = [
    ...shown.map((code) => dictionary[code] ?? String(code)),
    ...(rest.length > 0 ? [`${rest.length} others`] : []),
  ];
  const difference = order.reduce((sum, code) => sum + Math.abs(share(0, code) - share(1, code)), 0) / 2;
  return {
    name,
    kind: 'category',
    missing: codes.filter((code) => code < 0).length / Math.max(1, codes.length),
    distinct: order.length,
    ...(order[0] === undefined ? {} : { common: dictionary[order[0]] ?? '' }),
    ...(totals[0] > 0 && totals[1] > 0 ? { difference } : {}),
    distribution: { names, normal: shares(0), anomalous: shares(1) },
  };
}

/** Largest distance of two empirical distributions. */
function kolmogorov(first: Float32Array, second: Float32Array): number {
  const [a, b] = [first.slice().sort(), second.slice().sort()];
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && (a[i] as number) <= value) i++;
    while (j < b.length && (b[j] as number) <= value) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

function correlate({ columns, count }: TableSet): TableData['correlations'] {
  const numbers = columns.filter((column): column is NumberColumn => column.kind === 'number');
  const shown = numbers.slice(0, mostCorrelated);
  const pair = (a: Float32Array, b: Float32Array): number => {
    let [n, sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0, 0];
    for (let row = 0; row < count; row++) {
      const [x, y] = [a[row] as number, b[row] as number];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      n++;
      sumA += x;
      sumB += y;
      squaresA += x * x;
      squaresB += y * y;
      products += x * y;
    }
    const spread = Math.sqrt((squaresA - sumA ** 2 / n) * (squaresB - sumB ** 2 / n));
    return spread > 0 ? Math.max(-1, Math.min(1, (products - (sumA * sumB) / n) / spread)) : Number.NaN;
  };
  return {
    names: shown.map(({ name }) => name),
    values: shown.map((a) => shown.map((b) => pair(a.values, b.values))),
  };
}

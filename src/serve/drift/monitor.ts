// Live traffic counted against the reference, over a window that slides by halves.
import type { FlatRows } from '../rows/format.ts';
import { type DriftReference, pValueBin } from './reference.ts';
import { kolmogorovSmirnov, kolmogorovSmirnovChance, stabilityIndex, sumOf } from './statistics.ts';

export interface ColumnDrift {
  readonly name: string;
  readonly stabilityIndex: number;
}

export interface DriftReport {
  /** Rows in the window. */
  readonly rows: number;
  /** Kolmogorov-Smirnov distance of the p-values from those that normal rows get. */
  readonly distance: number;
  /** Probability of such a distance where nothing has moved. */
  readonly chance: number;
  /** Most moved first. */
  readonly columns: readonly ColumnDrift[];
  /** What has moved, in words; empty where nothing has. */
  readonly warnings: readonly string[];
}

export interface DriftMonitor {
  observe(rows: FlatRows, pValues: Float32Array): void;
  report(): DriftReport;
}

export interface DriftOptions {
  /** Rows of the window; 20,000 unless given, Infinity for all. */
  readonly window?: number;
  /** Rows a second whose columns are counted; the others' p-values are. All unless given. */
  readonly columnRowsPerSecond?: number;
}

/** Below so many rows nothing is said. */
const fewestRows = 200;
const smallestDistance = 0.1;
const smallestChance = 0.001;
const movedIndex = 0.25;

interface Counts {
  rows: number;
  columnRows: number;
  readonly pValues: Float64Array;
  readonly columns: readonly Float64Array[];
}

export function createDriftMonitor(reference: DriftReference, options: DriftOptions = {}): DriftMonitor {
  const { window = 20_000, columnRowsPerSecond = Number.POSITIVE_INFINITY } = options;
  const { columns, calibrationRows } = reference;
  const empty = (): Counts => ({
    rows: 0,
    columnRows: 0,
    pValues: new Float64Array(reference.pValues.length),
    columns: columns.map(({ expected }) => new Float64Array(expected.length)),
  });
  let [before, now] = [empty(), empty()];
  let second = 0;
  let counted = 0;
  const mayCount = (): number => {
    if (columns.length === 0) return 0;
    if (columnRowsPerSecond === Number.POSITIVE_INFINITY) return columnRowsPerSecond;
    const current = Math.floor(performance.now() / 1000);
    if (current !== second) [second, counted] = [current, 0];
    return columnRowsPerSecond - counted;
  };
  return {
    observe({ count, values }, pValues) {
      for (let row = 0; row < count; row++) {
        const bin = pValueBin(pValues[row] ?? 1);
        now.pValues[bin] = (now.pValues[bin] ?? 0) + 1;
      }
      now.rows += count;
      const rows = Math.min(count, mayCount());
      const width = values.length / Math.max(1, count);
      if (rows > 0) {
        for (const [i, { position, binOf }] of columns.entries()) {
          const counts = now.columns[i] as Float64Array;
          for (let row = 0, at = position; row < rows; row++, at += width) {
            const bin = binOf(values[at] as number);
            counts[bin] = (counts[bin] ?? 0) + 1;
          }
        }
        counted += rows;
        now.columnRows += rows;
      }
      if (now.rows >= window / 2) [before, now] = [now, empty()];
    },
    report() {
      const rows = before.rows + now.rows;
      const columnRows = before.columnRows + now.columnRows;
      const distance = kolmogorovSmirnov(joined(before.pValues, now.pValues), reference.pValues);
      const chance = kolmogorovSmirnovChance(distance, rows, calibrationRows);
      const moved = columns
        .map(({ name, expected }, i): ColumnDrift => {
          const counts = joined(before.columns[i] ?? [], now.columns[i] ?? []);
          return { name, stabilityIndex: sumOf(counts) === 0 ? 0 : stabilityIndex(counts, expected) };
        })
        .sort((a, b) => b.stabilityIndex - a.stabilityIndex);
      const warnings: string[] = [];
      if (rows >= fewestRows && distance > smallestDistance && chance < smallestChance) {
        warnings.push(
          `the p-values are not uniform (Kolmogorov-Smirnov distance ${distance.toFixed(3)} over ${rows} rows)`,
        );
      }
      if (columnRows >= fewestRows) {
        for (const { name, stabilityIndex: index } of moved) {
          if (index > movedIndex)
            warnings.push(`the column '${name}' has moved (stability index ${index.toFixed(2)})`);
        }
      }
      return { rows, distance, chance, columns: moved, warnings };
    },
  };
}

const joined = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: b.length }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));

// What live traffic is held against: the calibration's p-values, and the columns of the normal rows a detector keeps.
import type { RowSet } from '../../data/rows.ts';
import { isTable } from '../../data/rows.ts';
import type { DetectorParts } from '../../detect/detector.ts';
import { modalityOf } from '../../detect/training-rows.ts';
import { type FormatColumn, rowFormatOf } from '../rows/format.ts';

/** Bins of one column, and how many normal rows fell into each; the last bin is for missing values. */
export interface ColumnBins {
  readonly name: string;
  /** Position among the flat values of a row. */
  readonly position: number;
  readonly expected: Float64Array;
  /** The bin of a flat value: a number, or the code of a category. */
  binOf(value: number): number;
}

export interface DriftReference {
  /** Calibration rows. */
  readonly calibrationRows: number;
  /** How many of the possible p-values fall into each bin of equal width. */
  readonly pValues: Float64Array;
  /** None for images, and for tables whose detector keeps no rows. */
  readonly columns: readonly ColumnBins[];
}

const pValueBins = 20;
/** Bins of a column of numbers, by the quantiles of the normal rows. */
const numberBins = 10;

/** The bin of a p-value in (0, 1]; a value on an edge belongs to the bin below. */
export const pValueBin = (pValue: number): number =>
  Math.min(pValueBins - 1, Math.max(0, Math.ceil(pValue * pValueBins - 1e-4) - 1));

export function driftReferenceOf({ manifest, weights }: DetectorParts): DriftReference {
  const { calibration = new Float32Array(), references } = weights.tensors;
  const pValues = new Float64Array(pValueBins);
  const steps = calibration.length + 1;
  for (let step = 1; step <= steps; step++) {
    const bin = pValueBin(step / steps);
    pValues[bin] = (pValues[bin] ?? 0) + 1;
  }
  const base = { calibrationRows: calibration.length, pValues };
  if (manifest.data.encoding === undefined || references === undefined) return { ...base, columns: [] };
  const rows = modalityOf(manifest.data, weights).restore(references);
  return { ...base, columns: columnsOf(rows, rowFormatOf(manifest.data).columns) };
}

function columnsOf(rows: RowSet, formats: readonly FormatColumn[]): ColumnBins[] {
  if (!isTable(rows)) return [];
  return formats.flatMap((format, position) => {
    const column = rows.columns.find(({ name }) => name === format.name);
    if (column === undefined) return [];
    const binOf = column.kind === 'number' ? binsOfNumbers(column.values) : binsOfCodes(format.keys.length);
    const bins = column.kind === 'number' ? numberBins + 1 : format.keys.length + 2;
    const expected = new Float64Array(bins);
    for (let row = 0; row < rows.count; row++) {
      const value =
        column.kind === 'number'
          ? (column.values[row] ?? Number.NaN)
          : (format.codes.get(column.dictionary[column.codes[row] ?? -1] ?? '') ?? -1);
      const bin = binOf(value);
      expected[bin] = (expected[bin] ?? 0) + 1;
    }
    return [{ name: format.name, position, expected, binOf }];
  });
}

/** Known codes each have a bin, then the unknown, then the missing. */
const binsOfCodes =
  (keys: number) =>
  (code: number): number =>
    code < 0 ? keys + 1 : Math.min(code, keys);

function binsOfNumbers(values: Float32Array): (value: number) => number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  // Kept rows went through the encoding and back: equal values may differ by a little, and no edge may part them.
  const slack = 1e-3 * Math.max(at(0.9) - at(0.1), 1e-9);
  const edges: number[] = [];
  for (let i = 1; i < numberBins; i++) {
    const edge = at(i / numberBins);
    const above = sorted.find((value) => value > edge + slack);
    if (above === undefined) continue;
    let below = edge;
    for (let j = sorted.indexOf(above) - 1; j >= 0 && (sorted[j] ?? 0) >= edge; j--)
      below = Math.max(below, sorted[j] ?? 0);
    const middle = (below + above) / 2;
    if (middle > (edges.at(-1) ?? Number.NEGATIVE_INFINITY)) edges.push(middle);
  }
  return (value) => {
    if (Number.isNaN(value)) return numberBins;
    let [low, high] = [0, edges.length];
    while (low < high) {
      const between = (low + high) >>> 1;
      if ((edges[between] ?? 0) < value) low = between + 1;
      else high = between;
    }
    return low;
  };
}

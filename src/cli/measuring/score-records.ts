// Scores row by row, as records and as CSV.
import type { Scores } from '../../detect/detector.ts';

export interface ScoreRecord {
  /** From 0, in the order of the data. */
  readonly row: number;
  readonly label?: number;
  /** The class that explains the row best, where the detector knows several. */
  readonly closest?: string;
  readonly score: number;
  readonly pValue: number;
  readonly verdict: 'normal' | 'anomaly';
  readonly terms: Readonly<Record<string, number>>;
}

export function scoreRecords(
  { score, pValue, terms }: Scores,
  labels: Uint8Array | undefined,
  threshold: number,
  start = 0,
  closest?: readonly string[],
): ScoreRecord[] {
  return Array.from(score, (value, row) => ({
    row: start + row,
    ...(labels === undefined ? {} : { label: labels[row] ?? 0 }),
    score: value,
    pValue: pValue[row] ?? 1,
    verdict: value > threshold ? 'anomaly' : 'normal',
    ...(closest === undefined ? {} : { closest: closest[row] ?? '' }),
    terms: Object.fromEntries(Object.entries(terms).map(([name, values]) => [name, values[row] ?? 0])),
  }));
}

/** CSV with a header line; numbers with the seven digits that a 32-bit float has. */
export function toCsv(records: readonly ScoreRecord[]): string {
  return `${csvHeader(records)}${csvLines(records)}`;
}

export function csvHeader([first]: readonly ScoreRecord[]): string {
  const label = first?.label === undefined ? [] : ['label'];
  const closest = first?.closest === undefined ? [] : ['closest_class'];
  const names = [
    'row',
    ...label,
    'score',
    'p_value',
    'verdict',
    ...closest,
    ...Object.keys(first?.terms ?? {}),
  ];
  return `${names.join(',')}\n`;
}

export function csvLines(records: readonly ScoreRecord[]): string {
  const digits = (value: number): string => String(Number(value.toPrecision(7)));
  return records
    .map(({ row, label, score, pValue, verdict, closest, terms }) => {
      const labels = label === undefined ? [] : [label];
      const name = closest === undefined ? [] : [closest];
      const cells = [row, ...labels, digits(score), digits(pValue), verdict, ...name];
      return `${[...cells, ...Object.values(terms).map(digits)].join(',')}\n`;
    })
    .join('');
}

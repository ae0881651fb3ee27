// Scores row by row, as records and as CSV.
import type { Scores } from '../../detect/detector.ts';

export interface ScoreRecord {
  /** From 0, in the order of the data. */
  readonly row: number;
  readonly label?: number;
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
): ScoreRecord[] {
  return Array.from(score, (value, row) => ({
    row: start + row,
    ...(labels === undefined ? {} : { label: labels[row] ?? 0 }),
    score: value,
    pValue: pValue[row] ?? 1,
    verdict: value > threshold ? 'anomaly' : 'normal',
    terms: Object.fromEntries(Object.entries(terms).map(([name, values]) => [name, values[row] ?? 0])),
  }));
}

/** CSV with a header line; numbers with the seven digits that a 32-bit float has. */
export function toCsv(records: readonly ScoreRecord[]): string {
  return `${csvHeader(records)}${csvLines(records)}`;
}

export function csvHeader([first]: readonly ScoreRecord[]): string {
  const label = first?.label === undefined ? [] : ['label'];
  const names = ['row', ...label, 'score', 'p_value', 'verdict', ...Object.keys(first?.terms ?? {})];
  return `${names.join(',')}\n`;
}

export function csvLines(records: readonly ScoreRecord[]): string {
  const digits = (value: number): string => String(Number(value.toPrecision(7)));
  return records
    .map(({ row, label, score, pValue, verdict, terms }) => {
      const labels = label === undefined ? [] : [label];
      const cells = [row, ...labels, digits(score), digits(pValue), verdict];
      return `${[...cells, ...Object.values(terms).map(digits)].join(',')}\n`;
    })
    .join('');
}

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
): ScoreRecord[] {
  return Array.from(score, (value, row) => ({
    row,
    ...(labels === undefined ? {} : { label: labels[row] ?? 0 }),
    score: value,
    pValue: pValue[row] ?? 1,
    verdict: value > threshold ? 'anomaly' : 'normal',
    terms: Object.fromEntries(Object.entries(terms).map(([name, values]) => [name, values[row] ?? 0])),
  }));
}

/** CSV with a header line; numbers with the seven digits that a 32-bit float has. */
export function toCsv(records: readonly ScoreRecord[]): string {
  const [first] = records;
  const labelled = first?.label !== undefined;
  const terms = Object.keys(first?.terms ?? {});
  const lines = [['row', ...(labelled ? ['label'] : []), 'score', 'p_value', 'verdict', ...terms].join(',')];
  const digits = (value: number): string => String(Number(value.toPrecision(7)));
  for (const record of records) {
    lines.push(
      [
        record.row,
        ...(labelled ? [record.label] : []),
        digits(record.score),
        digits(record.pValue),
        record.verdict,
        ...terms.map((name) => digits(record.terms[name] ?? 0)),
      ].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

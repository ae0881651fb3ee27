// Why rows of a table have the scores they have: each column's part, what was expected, the nearest normal row.

import { selectTableRows, type TableColumn, type TableSet } from '../../data/table.ts';
import { streamBatches } from '../../data/tables/read-rows.ts';
import type { Detector } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import { formatNumber, formatShare } from '../../report/format.ts';
import type { Context } from '../context.ts';
import { alignPairs, alignRows } from '../text-table.ts';
import { cellValue } from './describe.ts';
import type { ReadFlags } from './flags.ts';
import { asJsonLines } from './json-rows.ts';
import { type OpenedTable, openToJudge } from './source.ts';

export interface ExplainFlags extends ReadFlags {
  readonly row?: readonly number[];
  readonly count?: number;
  readonly top?: number;
  readonly threads?: number;
}

interface ExplainedColumn {
  readonly name: string;
  readonly value: string | number | null;
  readonly expected: string | number | null;
  readonly nearestNormal?: string | number | null;
  /** Part of the score, with its sign. */
  readonly contribution: number;
}

export interface ExplainedRow {
  readonly row: number;
  readonly score: number;
  readonly pValue: number;
  readonly verdict: 'normal' | 'anomaly';
  /** Of the contributions; equal to the score but for rounding. */
  readonly sum: number;
  /** Those with the largest parts first. */
  readonly columns: readonly ExplainedColumn[];
}

export async function explainTable(
  context: Context,
  detector: Detector<TableSet>,
  folder: string,
  path: string,
  threshold: number,
  flags: ExplainFlags,
): Promise<void> {
  const lines = await asJsonLines(path);
  try {
    const opened = await openToJudge(context, detector, folder, lines.path, flags).catch((error) => {
      throw renamed(error, lines.path, path);
    });
    try {
      const wanted = flags.row ?? Array.from({ length: flags.count ?? 1 }, (_, row) => row);
      const { rows, set } = await pickRows(context, opened, wanted, path, flags.row !== undefined);
      const explained = await explainRows(context, detector, set, rows, threshold);
      context.print({ detector: folder, data: path, threshold, rows: explained }, () =>
        explained.map((row) => describeRow(row, threshold, flags.top)).join('\n\n'),
      );
    } finally {
      await opened.source.close();
    }
  } finally {
    await lines.forget();
  }
}

/** The error about the file that the user knows. */
function renamed(error: unknown, temporary: string, path: string): unknown {
  if (!(error instanceof OddityError)) return error;
  return new OddityError(error.code, error.message.replaceAll(temporary, path), {
    data: error.data,
    cause: error,
  });
}

/** The rows asked for, in the order of the table. Throws BAD_USAGE for one that is not there. */
async function pickRows(
  context: Context,
  { source, reading }: OpenedTable,
  wanted: readonly number[],
  path: string,
  required: boolean,
): Promise<{ rows: number[]; set: TableSet }> {
  const sorted = [...new Set(wanted)].sort((a, b) => a - b);
  const last = sorted.at(-1) ?? 0;
  const found: { rows: number[]; set: TableSet }[] = [];
  let total = 0;
  for await (const { start, rows } of streamBatches(source, reading.schema, { signal: context.signal })) {
    const here = sorted.filter((row) => row >= start && row < start + rows.count);
    const set = selectTableRows(
      rows,
      here.map((row) => row - start),
    );
    if (here.length > 0) found.push({ rows: here, set });
    total = start + rows.count;
    if (total > last) break;
  }
  if (required && last >= total) {
    throw new OddityError('BAD_USAGE', `--row: expected rows from 0 to ${total - 1} of ${path}, got ${last}`);
  }
  const [first, ...others] = found;
  if (first === undefined) throw new OddityError('BAD_DATA', `${path}: expected rows, got none`);
  return others.reduce(
    (all, next) => ({ rows: [...all.rows, ...next.rows], set: appended(all.set, next.set) }),
    first,
  );
}

function appended(a: TableSet, b: TableSet): TableSet {
  const columns = a.columns.map((column, i): TableColumn => {
    const other = b.columns[i];
    if (column.kind === 'number' && other?.kind === 'number') {
      return { ...column, values: Float32Array.of(...column.values, ...other.values) };
    }
    if (column.kind !== 'category' || other?.kind !== 'category') return column;
    // Each batch names the values unknown to the schema by itself.
    const codes = other.codes.map((code) => (code < 0 ? code : code + column.dictionary.length));
    return {
      ...column,
      codes: Int32Array.of(...column.codes, ...codes),
      dictionary: [...column.dictionary, ...other.dictionary],
    };
  });
  return { count: a.count + b.count, columns };
}

async function explainRows(
  context: Context,
  detector: Detector<TableSet>,
  set: TableSet,
  rows: readonly number[],
  threshold: number,
): Promise<ExplainedRow[]> {
  const run = { signal: context.signal };
  const { score, pValue } = await detector.score(set, { terms: false, ...run });
  const contributions = await detector.explain(set, run);
  const expected = await detector.reconstruct(set, run);
  const nearest = await nearestNormal(detector, set);
  const names = detector.manifest.data.encoding?.columns.map(({ name }) => name) ?? [];
  const valueIn = (table: TableSet, name: string, row: number) => {
    const column = table.columns.find((each) => each.name === name);
    return column === undefined ? null : cellValue(column, row);
  };
  return rows.map((row, i) => {
    const parts = contributions.subarray(i * names.length, (i + 1) * names.length);
    const columns = names.map((name, column) => ({
      name,
      value: valueIn(set, name, i),
      expected: valueIn(expected, name, i),
      ...(nearest === undefined ? {} : { nearestNormal: valueIn(nearest, name, i) }),
      contribution: parts[column] ?? 0,
    }));
    const total = score[i] ?? 0;
    return {
      row,
      score: total,
      pValue: pValue[i] ?? 1,
      verdict: total > threshold ? ('anomaly' as const) : ('normal' as const),
      sum: parts.reduce((sum, part) => sum + part, 0),
      columns: columns.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    };
  });
}

/** A detector that is scored without neighbours keeps no rows to compare with. */
async function nearestNormal(detector: Detector<TableSet>, set: TableSet): Promise<TableSet | undefined> {
  try {
    return await detector.nearest(set);
  } catch (error) {
    if (error instanceof OddityError && error.code === 'UNSUPPORTED') return undefined;
    throw error;
  }
}

function describeRow(explained: ExplainedRow, threshold: number, top = 20): string {
  const { row, score, pValue, verdict, sum, columns } = explained;
  const raised = columns.reduce((total, { contribution }) => total + Math.max(0, contribution), 0);
  const withNearest = columns.some(({ nearestNormal }) => nearestNormal !== undefined);
  const text = (value: string | number | null | undefined): string =>
    value === null || value === undefined ? '–' : String(typeof value === 'number' ? short(value) : value);
  const shown = columns.slice(0, top);
  const hidden = columns.slice(top).reduce((total, { contribution }) => total + contribution, 0);
  const heading = [
    'column',
    'value',
    'expected',
    ...(withNearest ? ['nearest normal'] : []),
    'part of score',
    '',
  ];
  return [
    alignPairs([
      ['row', String(row)],
      ['score', `${formatNumber(score)}, threshold ${formatNumber(threshold)}: ${verdict}`],
      ['p-value', formatNumber(pValue)],
    ]),
    '',
    alignRows([
      heading,
      ...shown.map(({ name, value, expected, nearestNormal, contribution }) => [
        name,
        text(value),
        text(expected),
        ...(withNearest ? [text(nearestNormal)] : []),
        signed(contribution),
        contribution > 0 ? formatShare(Math.round((1000 * contribution) / raised) / 1000) : '',
      ]),
      ...(columns.length > shown.length
        ? [
            [
              `${columns.length - shown.length} others`,
              '',
              '',
              ...(withNearest ? [''] : []),
              signed(hidden),
              '',
            ],
          ]
        : []),
      ['sum', '', '', ...(withNearest ? [''] : []), signed(sum), ''],
    ]),
    `The parts sum to ${formatNumber(sum)}, the score is ${formatNumber(score)}.`,
  ].join('\n');
}

const short = (value: number): number => Number(value.toPrecision(6));
const signed = (value: number): string =>
  `${value > 0 ? '+' : ''}${formatNumber(Number(value.toPrecision(3)))}`;

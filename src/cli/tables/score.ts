// `oddity score` for tables: row after row in memory that does not grow, every input column kept beside the results.

import { selectTableRows, type TableSet } from '../../data/table.ts';
import { streamBatches } from '../../data/tables/read-rows.ts';
import { createTableWriter } from '../../data/tables/write-table.ts';
import type { Detector, Scores } from '../../detect/detector.ts';
import { formatNumber } from '../../report/format.ts';
import type { Context } from '../context.ts';
import { csvHeader, csvLines, type ScoreRecord, scoreRecords } from '../measuring/score-records.ts';
import type { ReadFlags } from './flags.ts';
import { estimateRows } from './row-estimate.ts';
import { type OpenedTable, openToJudge, reportRejects } from './source.ts';

export interface TableScoreFlags extends ReadFlags {
  readonly falseAlarmRate?: number;
  readonly out?: string;
  readonly threads?: number;
}

const batchRows = 16_384;
/** Columns named as the cause of an alarm. */
const reasonsShown = 3;
export async function scoreTable(
  context: Context,
  detector: Detector<TableSet>,
  folder: string,
  path: string,
  threshold: number,
  flags: TableScoreFlags,
): Promise<void> {
  const opened = await openToJudge(context, detector, folder, path, flags);
  try {
    const began = performance.now();
    const { out } = flags;
    const counts =
      out === undefined
        ? await writeOut(context, detector, opened, threshold)
        : await writeFile(context, detector, opened, threshold, out);
    const { rows, anomalies, records } = counts;
    const summary = {
      detector: folder,
      data: path,
      rows,
      anomalies,
      ...(await reportRejects(context, opened, flags)),
      threshold,
      falseAlarmRate: flags.falseAlarmRate ?? detector.manifest.falseAlarmRate,
      seconds: (performance.now() - began) / 1000,
    };
    if (out !== undefined) {
      context.print(
        { ...summary, out },
        () => `${out}: ${number(rows)} rows, ${number(anomalies)} anomalies`,
      );
    } else if (context.flags.json) context.print({ ...summary, scores: records }, () => '');
  } finally {
    await opened.source.close();
  }
}

const number = (value: number): string => value.toLocaleString('en-US');

interface Counts {
  readonly rows: number;
  readonly anomalies: number;
  readonly records: readonly ScoreRecord[];
}

/** Every score of every row to standard output; with --json they are gathered for the end. */
async function writeOut(
  context: Context,
  detector: Detector<TableSet>,
  opened: OpenedTable,
  threshold: number,
): Promise<Counts> {
  const gathered: ScoreRecord[] = [];
  let [rows, anomalies] = [0, 0];
  for await (const { start, scores } of scoreBatches(context, detector, opened, true)) {
    const records = scoreRecords(scores, undefined, threshold, start);
    rows += records.length;
    anomalies += records.filter(({ verdict }) => verdict === 'anomaly').length;
    if (context.flags.json) for (const record of records) gathered.push(record);
    else await context.write(`${start === 0 ? csvHeader(records) : ''}${csvLines(records)}`);
  }
  return { rows, anomalies, records: gathered };
}

/** The input's columns with score, p-value, verdict and reasons, as a table of the format that the name asks for. */
async function writeFile(
  context: Context,
  detector: Detector<TableSet>,
  opened: OpenedTable,
  threshold: number,
  out: string,
): Promise<Counts> {
  const { source, reading } = opened;
  const writer = await createTableWriter(source, reading.schema, out, [
    { name: 'score', type: 'number' },
    { name: 'p_value', type: 'number' },
    { name: 'verdict', type: 'verdict', of: 'score', threshold },
    { name: 'reasons', type: 'text' },
  ]);
  let [rows, anomalies] = [0, 0];
  try {
    for await (const { set, scores } of scoreBatches(context, detector, opened, false)) {
      const alarms: number[] = [];
      for (const [row, score] of scores.score.entries()) if (score > threshold) alarms.push(row);
      const reasons: (string | null)[] = new Array(set.count).fill(null);
      const causes = await causesOf(detector, set, alarms);
      for (const [i, row] of alarms.entries()) reasons[row] = causes[i] ?? null;
      writer.append([scores.score, scores.pValue, reasons]);
      rows += set.count;
      anomalies += alarms.length;
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const progress = context.progress();
  progress.update(1, `writing ${out}`);
  await writer.finish().finally(() => progress.stop());
  return { rows, anomalies, records: [] };
}

/** The columns that raised each of these rows most, with their shares of what raised it. */
async function causesOf(
  detector: Detector<TableSet>,
  set: TableSet,
  rows: readonly number[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const names = detector.manifest.data.encoding?.columns.map(({ name }) => name) ?? [];
  const contributions = await detector.explain(selectTableRows(set, rows));
  return rows.map((_, i) => {
    const row = contributions.subarray(i * names.length, (i + 1) * names.length);
    const raised = row.reduce((sum, value) => sum + Math.max(0, value), 0);
    return Array.from(row, (value, column) => ({ name: names[column] ?? '', share: value / raised }))
      .filter(({ share }) => share > 0)
      .sort((a, b) => b.share - a.share)
      .slice(0, reasonsShown)
      .map(({ name, share }) => `${name} ${Math.round(share * 100)}%`)
      .join('; ');
  });
}

/** Batches of rows with their scores, and a bar with how fast they come. */
export async function* scoreBatches(
  context: Context,
  detector: Detector<TableSet>,
  { source, reading }: OpenedTable,
  terms: boolean,
): AsyncGenerator<{
  readonly start: number;
  readonly set: TableSet;
  readonly scores: Scores;
  readonly label?: { readonly codes: Int32Array; readonly dictionary: readonly string[] };
}> {
  const { signal } = context;
  const progress = context.progress();
  const about = await estimateRows(source);
  const began = performance.now();
  try {
    for await (const { start, rows, label } of streamBatches(source, reading.schema, { batchRows, signal })) {
      const scores = await detector.score(rows, { terms, signal });
      const done = start + rows.count;
      const speed = done / ((performance.now() - began) / 1000);
      progress.update(Math.min(1, done / about), `${number(done)} rows  ${formatNumber(speed)} rows/s`);
      yield { start, set: rows, scores, ...(label === undefined ? {} : { label }) };
    }
  } finally {
    progress.stop();
  }
}

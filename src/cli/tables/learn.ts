// A table read to learn from: the schema shown, its labels judged, the choices that its rows ask for.
import type { CategoryColumn, TableSet } from '../../data/table.ts';
import { type JudgedLabels, judgeLabels, requireNormalRows } from '../../data/tables/labels.ts';
import { readRows } from '../../data/tables/read-rows.ts';
import type { TableReading } from '../../data/tables/reading.ts';
import { inTimeOrder } from '../../data/tables/time-order.ts';
import type { Choices } from '../../detect/settings.ts';
import type { Context } from '../context.ts';
import { checkOutputFile } from '../output-file.ts';
import { readConfig, type TrainingFlags } from '../training/flags.ts';
import { describeSchema } from './describe.ts';
import { type LearnFlags, parseTableConfig } from './flags.ts';
import { openToLearn, reportRejects } from './source.ts';

/** Share of the rows that is not trusted where no label says which are normal, and rows that this needs. */
const defaultTrim = 0.01;
const fewestToTrim = 1000;

/** The flags that shape a table, over what `--config` says of it. */
export function learnFlagsOf(flags: LearnFlags & Pick<TrainingFlags, 'config'>): LearnFlags {
  const { config, onBadRow, rejects, history } = flags;
  const file = config === undefined ? {} : parseTableConfig(readConfig(config).table, config);
  const { label, normal, drop, number, category, time, entity, amount, riskDelay } = flags;
  const { window, sensor, columns, header, rows } = flags;
  const shape = { label, normal, drop, number, category, time, entity, amount, riskDelay };
  const given = { ...shape, window, sensor, columns, header, rows, onBadRow, rejects, history };
  const flagged = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...file, ...Object.fromEntries(flagged) };
}

/** Rows in order, in that of time where a time was named, and what their labels say where one was. */
export interface LearnableTable {
  readonly rows: TableSet;
  readonly label?: CategoryColumn;
  readonly judged?: JudgedLabels;
  /** How the rows are read, with the label's values that mean normal. */
  readonly reading: TableReading;
  /** Position of each row among those there were to draw from, and how many there were. */
  readonly rowNumbers: Float64Array;
  readonly total: number;
}

/** Reads a table, and says in a line what each column is taken for. Throws as opening, reading and labels do. */
export async function readToLearn(
  context: Context,
  path: string,
  flags: LearnFlags,
  threads?: number,
): Promise<LearnableTable> {
  if (flags.rejects !== undefined) await checkOutputFile(flags.rejects);
  const opened = await openToLearn(path, flags, threads);
  const { source, reading } = opened;
  try {
    const { number, category, drop, entity, label, time } = flags;
    const told = [number, category, drop, entity, label, time].flatMap((names) => names ?? []);
    context.note(describeSchema(reading.schema, new Set(told)));
    const ordered = time === undefined ? source : inTimeOrder(source, time);
    const read = await readRows(ordered, reading.schema, {
      ...(flags.rows === undefined ? {} : { sampleRows: flags.rows }),
      signal: context.signal,
    });
    await reportRejects(context, opened, flags);
    return { ...read, ...judge(read.label, reading, path) };
  } finally {
    await source.close();
  }
}

/** Labels decide what is normal, never what rows look like. */
function judge(
  label: CategoryColumn | undefined,
  reading: TableReading,
  path: string,
): Pick<LearnableTable, 'judged' | 'reading'> {
  const { schema } = reading;
  if (schema.label === undefined || label === undefined) return { reading };
  const { column, normal } = schema.label;
  const judged = judgeLabels(label, normal === undefined ? {} : { normal });
  requireNormalRows(judged, path);
  return {
    judged,
    reading: { ...reading, schema: { ...schema, label: { column, normal: [...judged.normal] } } },
  };
}

/** All rows, or those that have a label where there are labels. */
export function knownRows({ rows, judged }: Pick<LearnableTable, 'rows' | 'judged'>): Uint32Array {
  const all = Uint32Array.from({ length: rows.count }, (_, row) => row);
  return judged === undefined ? all : all.filter((row) => judged.isLabelled[row] === 1);
}

/** Rows that labels call normal, or all where there are none. */
export const normalRows = (table: Pick<LearnableTable, 'rows' | 'judged'>): Uint32Array =>
  knownRows(table).filter((row) => table.judged?.isAnomaly[row] !== 1);

/** The choices for a table's normal rows over those given: unlabelled ones are trimmed, those with times stay in order. */
export function choicesFor(
  given: Choices,
  { time }: LearnFlags,
  { reading }: LearnableTable,
  count: number,
): Choices & { readonly trim: number } {
  const labelled = reading.schema.label !== undefined;
  const trim = given.trim ?? (labelled || count < fewestToTrim ? 0 : defaultTrim);
  return { ...given, trim, ...(time === undefined ? {} : { split: 'ordered' }) };
}

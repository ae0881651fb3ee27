// Tables to train on: the schema shown, the normal rows chosen by their labels, the way of reading kept.
import { basename } from 'node:path';
import { selectTableRows, type TableSet } from '../../data/table.ts';
import { judgeLabels, requireNormalRows } from '../../data/tables/labels.ts';
import { readRows } from '../../data/tables/read-rows.ts';
import { parseReading, type TableReading, tableReading } from '../../data/tables/reading.ts';
import { inTimeOrder } from '../../data/tables/time-order.ts';
import type { Choices } from '../../detect/settings.ts';
import { readCheckpoint } from '../../detect/train.ts';
import { OddityError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { checkOutputFile } from '../output-file.ts';
import { readConfig, refuseOtherChoices, type TrainingFlags } from '../training/flags.ts';
import type { Standing } from '../training/folder.ts';
import type { Prepared } from '../training/into-folder.ts';
import { describeNormal, describeSchema } from './describe.ts';
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

export async function prepareTable(
  context: Context,
  path: string,
  flags: LearnFlags,
  given: Choices,
  standing: Exclude<Standing, 'finished'>,
  threads?: number,
): Promise<Prepared<TableSet>> {
  if (flags.rejects !== undefined) await checkOutputFile(flags.rejects);
  const opened = await openToLearn(path, flags, threads);
  const { source } = opened;
  try {
    const corrected = [flags.number, flags.category, flags.drop, flags.entity].flatMap(
      (names) => names ?? [],
    );
    const told = [
      ...corrected,
      ...(flags.label === undefined ? [] : [flags.label]),
      ...(flags.time === undefined ? [] : [flags.time]),
    ];
    context.note(describeSchema(opened.reading.schema, new Set(told)));
    const ordered = flags.time === undefined ? source : inTimeOrder(source, flags.time);
    const read = await readRows(ordered, opened.reading.schema, {
      ...(flags.rows === undefined ? {} : { sampleRows: flags.rows }),
      signal: context.signal,
    });
    await reportRejects(context, opened, flags);
    const { rows, reading, note } = chooseNormal(read, opened.reading, path);
    if (read.total > read.rows.count) {
      note.push(`drawn from ${number(read.total)}: --rows takes another number of them`);
    }
    const labelled = reading.schema.label !== undefined;
    const trim = given.trim ?? (labelled || rows.count < fewestToTrim ? 0 : defaultTrim);
    if (trim > 0 && given.trim === undefined) {
      note.push(
        `of which the most anomalous ${defaultTrim * 100}% are not trusted: --trim takes another share`,
      );
    }
    const choices: Choices = { ...given, trim, ...(flags.time === undefined ? {} : { split: 'ordered' }) };
    if (standing !== 'nothing') requireSame(standing.checkpoint, choices, reading, path);
    return {
      rows,
      options: { ...choices, name: basename(path), source: reading },
      announcement: `training on ${path}: ${number(rows.count)} rows${note.map((each) => `, ${each}`).join('')}`,
      normal: describeNormal(reading.schema),
    };
  } finally {
    await source.close();
  }
}

const number = (value: number): string => value.toLocaleString('en-US');

/** Rows that labels call normal, or all where there are none; labels decide, never what they look like. */
function chooseNormal(
  { rows, label }: Awaited<ReturnType<typeof readRows>>,
  reading: TableReading,
  path: string,
): { rows: TableSet; reading: TableReading; note: string[] } {
  const { schema } = reading;
  if (schema.label === undefined || label === undefined) {
    return { rows, reading, note: ['all taken as normal: no label column was named with --label'] };
  }
  const { normal } = schema.label;
  const judged = judgeLabels(label, normal === undefined ? {} : { normal });
  requireNormalRows(judged, path);
  const { isAnomaly, isLabelled, counts } = judged;
  const chosen = Uint32Array.from(isAnomaly.keys()).filter(
    (row) => isAnomaly[row] === 0 && isLabelled[row] === 1,
  );
  const left = [
    `${number(counts.anomalous)} anomalies`,
    ...(counts.unlabelled > 0 ? [`${number(counts.unlabelled)} rows without a label`] : []),
  ].join(' and ');
  return {
    rows: selectTableRows(rows, chosen),
    reading: {
      ...reading,
      schema: { ...schema, label: { column: schema.label.column, normal: [...judged.normal] } },
    },
    note: [`those with ${schema.label.column} = ${judged.normal.join(' or ')}`, `without ${left}`],
  };
}

/** Throws BAD_USAGE where the run to resume was told otherwise. */
function requireSame(
  checkpoint: Parameters<typeof readCheckpoint>[0],
  choices: Choices,
  learned: TableReading,
  path: string,
): void {
  const { settings, data, falseAlarmRate } = readCheckpoint(checkpoint);
  refuseOtherChoices(choices, settings, falseAlarmRate);
  const before = parseReading(data.source, 'the run to resume');
  // In the order of the schema's keys, as the one before.
  const reading = tableReading.parse(learned);
  const names = Object.keys({ ...before, ...reading }) as (keyof TableReading)[];
  const other = names.find((name) => JSON.stringify(before[name]) !== JSON.stringify(reading[name]));
  if (other === undefined) return;
  const kinds = reading.schema.columns.find(
    ({ name, kind }) => before.schema.columns.find((column) => column.name === name)?.kind !== kind,
  );
  const what =
    other === 'schema' && kinds !== undefined
      ? `column '${kinds.name}' as ${kinds.kind}`
      : `another ${other}`;
  throw new OddityError(
    'BAD_USAGE',
    `the run to resume reads its table in another way, got ${what} in ${path}; give the flags and the data it was started with, or start anew with --overwrite`,
    { data: { before, now: reading } },
  );
}

// Tables to train on: the normal rows chosen by their labels, the way of reading kept, a resumed run checked.
import { basename } from 'node:path';
import { selectTableRows, type TableSet } from '../../data/table.ts';
import { parseReading, type TableReading, tableReading } from '../../data/tables/reading.ts';
import type { Choices } from '../../detect/settings.ts';
import { readCheckpoint } from '../../detect/train.ts';
import { OddityError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { refuseOtherChoices } from '../training/flags.ts';
import type { Standing } from '../training/folder.ts';
import type { Prepared } from '../training/into-folder.ts';
import { describeNormal } from './describe.ts';
import type { LearnFlags } from './flags.ts';
import { choicesFor, type LearnableTable, normalRows, readToLearn } from './learn.ts';

export async function prepareTable(
  context: Context,
  path: string,
  flags: LearnFlags,
  given: Choices,
  standing: Exclude<Standing, 'finished'>,
  threads?: number,
): Promise<Prepared<TableSet>> {
  const table = await readToLearn(context, path, flags, threads);
  const { reading, total } = table;
  const { rows, note } = chooseNormal(table);
  if (total > table.rows.count) {
    note.push(`drawn from ${number(total)}: --rows takes another number of them`);
  }
  const choices = choicesFor(given, flags, table, rows.count);
  if (choices.trim > 0 && given.trim === undefined) {
    note.push(
      `of which the most anomalous ${choices.trim * 100}% are not trusted: --trim takes another share`,
    );
  }
  if (standing !== 'nothing') requireSame(standing.checkpoint, choices, reading, path);
  return {
    rows,
    options: { ...choices, name: basename(path), source: reading },
    announcement: `training on ${path}: ${number(rows.count)} rows${note.map((each) => `, ${each}`).join('')}`,
    normal: describeNormal(reading.schema),
  };
}

const number = (value: number): string => value.toLocaleString('en-US');

/** Rows that labels call normal, or all where there are none. */
function chooseNormal(table: LearnableTable): { rows: TableSet; note: string[] } {
  const { rows, judged, reading } = table;
  if (judged === undefined) {
    return { rows, note: ['all taken as normal: no label column was named with --label'] };
  }
  const { counts, normal } = judged;
  const left = [
    `${number(counts.anomalous)} anomalies`,
    ...(counts.unlabelled > 0 ? [`${number(counts.unlabelled)} rows without a label`] : []),
  ].join(' and ');
  return {
    rows: selectTableRows(rows, normalRows(table)),
    note: [`those with ${reading.schema.label?.column} = ${normal.join(' or ')}`, `without ${left}`],
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

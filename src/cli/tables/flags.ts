// The flags that say how a table is read: what its columns are when learning, where they lie when judging.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { OddityError } from '../../errors.ts';
import { countFrom, list } from '../flags.ts';

/** Flags of every command that reads a table. */
export interface ReadFlags {
  readonly header?: boolean;
  readonly columns?: readonly string[];
  readonly onBadRow?: 'fail' | 'skip';
  readonly rejects?: string;
  readonly history?: string;
}

/** What `--config` may say of a table, under `table`; flags of the same names win over it. */
const tableConfig = z.strictObject({
  label: z.string().exactOptional(),
  normal: z.array(z.string()).exactOptional(),
  drop: z.array(z.string()).exactOptional(),
  number: z.array(z.string()).exactOptional(),
  category: z.array(z.string()).exactOptional(),
  time: z.string().exactOptional(),
  entity: z.array(z.string()).exactOptional(),
  amount: z.array(z.string()).exactOptional(),
  riskDelay: z.number().min(0).exactOptional(),
  window: z.int().min(2).max(1024).exactOptional(),
  sensor: z.array(z.string()).exactOptional(),
  columns: z.array(z.string()).exactOptional(),
  header: z.boolean().exactOptional(),
  rows: z.int().min(1).exactOptional(),
});
export type LearnFlags = z.infer<typeof tableConfig> & ReadFlags;

/** Names of flags that mean nothing for images. */
export const readFlagNames = ['header', 'columns', 'onBadRow', 'rejects', 'history'];
export const learnFlagNames = [
  ...Object.keys(tableConfig.shape).filter((name) => name !== 'normal'),
  ...readFlagNames,
];

export function addReadFlags(command: Command): Command {
  return command
    .option('--columns <names>', 'names of the columns, for files without a header', columnList)
    .option('--header', 'the first line holds names (default: told from the first lines)')
    .option('--no-header', 'the first line holds values')
    .addOption(
      new Option('--on-bad-row <what>', 'a row that cannot be read: fail (default) or skip').choices([
        'fail',
        'skip',
      ]),
    )
    .option('--rejects <file>', 'skip such rows, and write them there as CSV');
}

export const addHistoryFlag = (command: Command): Command =>
  command.option('--history <file>', 'rows that came before, for profiles over time');

/** What a table to learn from is. */
export function addShapeFlags(command: Command): Command {
  command
    .option('--label <column>', 'column that says which rows are anomalies; never learned from')
    .option('--drop <columns>', 'columns to leave out', columnList)
    .option('--number <columns>', 'columns that are numbers', columnList)
    .option('--category <columns>', 'columns that are categories', columnList)
    .option('--time <column>', 'column of times: the last rows calibrate')
    .option('--entity <columns>', 'whose rows they are: with --time, their past is learned from', columnList)
    .option('--amount <columns>', 'numbers followed over time (default: those named so)', columnList)
    .option('--risk-delay <days>', "follow each entity's labels too, known so many days later", days)
    .option('--window <rows>', 'learn from sliding windows of so many rows', countFrom(2))
    .option('--sensor <columns>', 'the numbers in a window (default: all)', columnList);
  return addReadFlags(command);
}

export const addLearnFlags = (command: Command): Command =>
  addShapeFlags(command).option(
    '--rows <count>',
    'at most so many rows, drawn at random (default: 1000000)',
    countFrom(1),
  );

/** Column names between commas; several flags add up. */
export function columnList(text: string, before: readonly string[] = []): string[] {
  try {
    return list(text, before);
  } catch {
    throw new InvalidArgumentError('Expected column names between commas.');
  }
}

function days(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError('Expected a number of days, 0 or more.');
}

/** Row numbers from 0 between commas. */
export function rowList(text: string, before: readonly number[] = []): number[] {
  const rows = text.split(',').map((item) => item.trim());
  if (rows.some((item) => !/^\d+$/.test(item))) {
    throw new InvalidArgumentError('Expected row numbers between commas, the first row is 0.');
  }
  return [...before, ...rows.map(Number)];
}

/** The `table` part of a configuration file. Throws BAD_USAGE that names the field. */
export function parseTableConfig(value: unknown, source: string): z.infer<typeof tableConfig> {
  const parsed = tableConfig.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = ['table', ...(issue?.path ?? [])].join('.');
  throw new OddityError('BAD_USAGE', `${source} is wrong at '${where}': ${issue?.message}.`, {
    data: { issues: parsed.error.issues },
  });
}

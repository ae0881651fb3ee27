// Tables opened: one to learn from, whose columns are told from its rows and the flags, and later ones, read alike.
import { inferSchema, type SchemaCorrections } from '../../data/tables/infer-schema.ts';
import { judgeLabels } from '../../data/tables/labels.ts';
import { profileOptions, withProfiles } from '../../data/tables/profiles.ts';
import { findRejects, readRows } from '../../data/tables/read-rows.ts';
import { openLike, parseReading, type TableReading } from '../../data/tables/reading.ts';
import { requireSameColumns, type TableSchema } from '../../data/tables/schema.ts';
import type { OpenTableOptions } from '../../data/tables/source.ts';
import type { TableSource } from '../../data/tables/table-source.ts';
import { windowOptions, withWindows } from '../../data/tables/windows.ts';
import type { Detector } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { checkOutputFile } from '../output-file.ts';
import type { LearnFlags, ReadFlags } from './flags.ts';

/** An open table and how to read it. The caller closes the source. */
export interface OpenedTable {
  readonly source: TableSource;
  readonly reading: TableReading;
}

const isNumeric = (type: string): boolean => /^(U?(TINY|SMALL|BIG|HUGE)?INT|FLOAT|DOUBLE|DECIMAL)/.test(type);

/** Opens a table to learn from and tells what its columns are. */
export async function openToLearn(path: string, flags: LearnFlags, threads?: number): Promise<OpenedTable> {
  checkTogether(flags);
  const { header, columns: columnNames } = flags;
  const dialect = {
    ...(header === undefined ? {} : { header }),
    ...(columnNames === undefined ? {} : { columnNames: [...columnNames] }),
  };
  const corrections = correctionsOf(flags);
  let source = await openLike(path, dialect, openOptions(flags, threads));
  try {
    const wide = await widen(source, flags, corrections);
    if (wide.profiles !== undefined) source = await withProfiles(source, wide.profiles, flags.history);
    else if (wide.windows !== undefined) source = withWindows(source, wide.windows);
    const schema = await inferSchema(source, corrections);
    return { source, reading: { kind: 'table', schema, ...dialect, ...wide } };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Flags that only make sense with others. Throws BAD_USAGE. */
function checkTogether({
  label,
  normal,
  time,
  entity,
  window,
  riskDelay,
  history,
  ...flags
}: LearnFlags): void {
  const needs = (flag: string, other: string, why: string): OddityError =>
    new OddityError('BAD_USAGE', `${flag} needs ${other}: ${why}`);
  const profiled = time !== undefined && entity !== undefined && window === undefined;
  if (normal !== undefined && label === undefined) {
    throw needs('--normal', '--label', 'it names values of the label column');
  }
  if (entity !== undefined && time === undefined && window === undefined) {
    throw needs(
      '--entity',
      '--time',
      "an entity's past is told by the times of its rows; or leave it out with --drop",
    );
  }
  if (flags.sensor !== undefined && window === undefined) {
    throw needs('--sensor', '--window', 'it names the numbers in a window');
  }
  for (const [flag, value] of [
    ['--amount', flags.amount],
    ['--history', history],
    ['--risk-delay', riskDelay],
  ] as const) {
    if (value !== undefined && !profiled) {
      throw needs(flag, '--time and --entity', 'it is for what each entity did before');
    }
  }
  if (riskDelay !== undefined && label === undefined) {
    throw needs('--risk-delay', '--label', "it follows each entity's labels");
  }
}

function correctionsOf({
  label,
  normal,
  drop,
  number,
  category,
  time,
  entity,
}: LearnFlags): SchemaCorrections {
  return {
    ...(label === undefined ? {} : { label }),
    ...(normal === undefined ? {} : { normal }),
    ...(drop === undefined ? {} : { drop }),
    ...(number === undefined ? {} : { number }),
    ...(category === undefined ? {} : { category }),
    ...(time === undefined ? {} : { time: [time] }),
    ...(entity === undefined ? {} : { entity }),
  };
}

/** Which columns to make from other rows, as the flags ask. */
async function widen(
  source: TableSource,
  flags: LearnFlags,
  corrections: SchemaCorrections,
): Promise<Pick<TableReading, 'profiles' | 'windows'>> {
  const { time, entity, window, sensor, amount, riskDelay, label } = flags;
  if (window !== undefined) {
    const sensors = sensor ?? (await numberColumns(source, corrections));
    const [first, ...others] = entity ?? [];
    if (others.length > 0) {
      throw new OddityError(
        'BAD_USAGE',
        `--entity: expected one column with --window, got ${entity?.length}`,
      );
    }
    const options = {
      size: window,
      sensors,
      ...(first === undefined ? {} : { entity: first }),
      ...(time === undefined ? {} : { time }),
    };
    return { windows: windowOptions.parse(options) };
  }
  if (time === undefined || entity === undefined) return {};
  const named = source.columns.filter(({ name, type }) => /amount|amt/i.test(name) && isNumeric(type));
  const amounts = amount ?? named.map(({ name }) => name);
  const risk =
    riskDelay === undefined || label === undefined
      ? {}
      : {
          risk: {
            column: label,
            normal: await normalValues(source, label, flags.normal),
            delayDays: riskDelay,
          },
        };
  return { profiles: profileOptions.parse({ time, entities: [...entity], amounts: [...amounts], ...risk }) };
}

/** The numbers of a table as they are, for windows; a name that only the widened table has is not asked for yet. */
async function numberColumns(source: TableSource, corrections: SchemaCorrections): Promise<string[]> {
  const names = new Set(source.columns.map(({ name }) => name));
  const known = Object.entries(corrections).map(([field, value]) => [
    field,
    Array.isArray(value) ? value.filter((name) => names.has(name)) : value,
  ]);
  const { columns } = await inferSchema(source, Object.fromEntries(known));
  const numbers = columns.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  if (numbers.length > 0) return numbers;
  throw new OddityError(
    'BAD_DATA',
    `${source.name}: expected numbers to make windows of, got none; name some with --sensor`,
  );
}

/** The label's values that mean normal, before the rows are read. */
async function normalValues(
  source: TableSource,
  column: string,
  normal: readonly string[] | undefined,
): Promise<string[]> {
  if (normal !== undefined) return [...normal];
  const schema: TableSchema = { columns: [{ name: column, kind: 'label', type: 'VARCHAR' }] };
  const { label } = await readRows(source, schema);
  return label === undefined ? [] : [...judgeLabels(label).normal];
}

/** Opens a table to be judged by a detector, in the way that the detector's own was read. */
export async function openToJudge(
  context: Context,
  detector: Pick<Detector, 'manifest'>,
  folder: string,
  path: string,
  flags: ReadFlags & { readonly threads?: number },
): Promise<OpenedTable> {
  const stored = readingOf(detector, folder);
  const { header, columns: columnNames, history, rejects } = flags;
  const reading: TableReading = {
    ...stored,
    ...(header === undefined ? {} : { header }),
    ...(columnNames === undefined ? {} : { columnNames: [...columnNames] }),
  };
  if (history !== undefined && reading.profiles === undefined) {
    throw new OddityError(
      'BAD_USAGE',
      '--history is for detectors that follow entities over time, trained with --time and --entity; leave it out',
    );
  }
  if (rejects !== undefined) await checkOutputFile(rejects);
  const source = await openLike(path, reading, {
    ...openOptions(flags, flags.threads),
    ...historyOf(flags),
  });
  try {
    const { extra } = requireSameColumns(reading.schema, source.columns, path);
    if (extra.length > 0) {
      context.note(`columns unknown to the detector, not looked at: ${listed(extra)}`);
    }
    if (reading.profiles !== undefined && history === undefined) {
      context.note('profiles begin with the first of these rows; give the rows before them with --history');
    }
    return { source, reading };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** How a detector's table was read; one trained by the library says at least what its columns are. */
export function readingOf({ manifest }: Pick<Detector, 'manifest'>, folder: string): TableReading {
  const { source, encoding } = manifest.data;
  if (source !== undefined || encoding === undefined) return parseReading(source, folder);
  const columns = encoding.columns.map((column) =>
    column.kind === 'number'
      ? { name: column.name, kind: column.kind, type: 'DOUBLE' }
      : {
          name: column.name,
          kind: column.kind,
          type: 'VARCHAR',
          dictionary: column.keys.filter((key) => key !== ''),
        },
  );
  return { kind: 'table', schema: { columns } };
}

function openOptions({ onBadRow, rejects }: ReadFlags, threads: number | undefined): OpenTableOptions {
  if (onBadRow === 'fail' && rejects !== undefined) {
    throw new OddityError('BAD_USAGE', '--rejects is for rows that are skipped; leave --on-bad-row fail out');
  }
  return {
    onBadRow: onBadRow ?? (rejects === undefined ? 'fail' : 'skip'),
    ...(threads === undefined ? {} : { threads }),
  };
}

const historyOf = ({ history }: ReadFlags) => (history === undefined ? {} : { history });

/** Says how many rows were skipped, and writes them where asked to. */
export async function reportRejects(
  context: Context,
  { source, reading }: OpenedTable,
  { rejects }: ReadFlags,
): Promise<{ readonly rejected?: number }> {
  if (source.onBadRow === 'fail') return {};
  const { count, first } = await findRejects(source, reading.schema, rejects);
  if (count > 0) {
    const where = rejects === undefined ? '' : `; all of them are in ${rejects}`;
    context.note(`${count.toLocaleString('en-US')} bad rows left out, the first of them ${first}${where}`);
  }
  return { rejected: count };
}

/** Names for people, not too many. */
export function listed(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

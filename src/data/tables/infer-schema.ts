// What each column of a new table is: guessed from a sample of its rows, corrected by the user.
// Apart from schema.ts, which browsers load: this asks DuckDB.
import { OddityError } from '../../errors.ts';
import { type ColumnStats, columnStats } from './column-stats.ts';
import { queryRows } from './database.ts';
import { nearestName } from './nearest-name.ts';
import { explainFailure } from './rejects.ts';
import { type ColumnKind, type ColumnSchema, quoteName, type TableSchema } from './schema.ts';
import { columnId } from './sql.ts';
import type { TableSource } from './table-source.ts';

/** What the user knows better. Every name must be a column's, and stand in one list only. */
export interface SchemaCorrections {
  readonly drop?: readonly string[];
  /** Says what is anomalous, and is never learned from. */
  readonly label?: string;
  /** The label's values that mean normal. */
  readonly normal?: readonly string[];
  readonly number?: readonly string[];
  readonly category?: readonly string[];
  readonly time?: readonly string[];
  /** Whose rows they are: customers, machines; never learned from. */
  readonly entity?: readonly string[];
}

/** Values of a category that are told apart; rarer ones count as unknown. */
const dictionarySize = 256;

/**
 * Guesses the schema from about `sampleRows` rows (200,000), drawn by `seed` from the whole table, or all of fewer.
 * @throws OddityError BAD_USAGE for an unknown column, with the nearest name; BAD_DATA for a bad row, and where
 *   nothing is left to learn from.
 */
export async function inferSchema(
  source: TableSource,
  corrections: SchemaCorrections = {},
  options: { readonly sampleRows?: number; readonly seed?: number } = {},
): Promise<TableSchema> {
  const given = givenKinds(source, corrections);
  const { database } = source;
  const sample = `sample_${database.nextId()}`;
  await drawSample(source, sample, options.sampleRows ?? 200_000, options.seed ?? 0);
  try {
    const stats = await columnStats(database, `SELECT * FROM ${sample}`, source.storedTypes, source.name);
    const columns: ColumnSchema[] = [];
    for (const [i, { name }] of source.columns.entries()) {
      const each = stats[i];
      if (each === undefined) continue;
      const kind = given.get(name);
      const guess = kind === undefined ? await guessKind(source, sample, i, each) : { kind };
      const dictionary =
        guess.kind === 'category' ? { dictionary: await commonValues(source, sample, i) } : {};
      columns.push({ name, type: each.type, ...guess, ...dictionary });
    }
    requireFeatures(source, columns);
    const { label, normal } = corrections;
    if (label === undefined) return { columns };
    return { columns, label: { column: label, ...(normal === undefined ? {} : { normal: [...normal] }) } };
  } finally {
    await queryRows(database, `DROP TABLE ${sample}`, source.name);
  }
}

/** Draws about so many rows into a table of their own, each with the same chance, told by its number and the seed. */
async function drawSample(source: TableSource, table: string, rows: number, seed: number): Promise<void> {
  const connection = await source.database.connect();
  const relation = source.relation(source.checks);
  try {
    const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM (${relation})`);
    const total = Number(counted.getRowsJS()[0]?.[0]);
    const drawn = `SELECT * EXCLUDE (sampled) FROM (SELECT *, hash(row_number() OVER (), ${Math.floor(seed)}) % 1000000 AS sampled
      FROM (${relation})) WHERE sampled < ${Math.ceil((1e6 * rows) / total)}`;
    await connection.run(`CREATE TABLE ${table} AS ${total > rows ? drawn : relation}`);
  } catch (error) {
    throw await explainFailure(source, source.checks, error);
  } finally {
    connection.closeSync();
  }
}

function givenKinds(source: TableSource, corrections: SchemaCorrections): ReadonlyMap<string, ColumnKind> {
  const lists: readonly [ColumnKind, readonly string[], string][] = [
    ['dropped', corrections.drop ?? [], '--drop'],
    ['label', corrections.label === undefined ? [] : [corrections.label], '--label'],
    ['number', corrections.number ?? [], '--number'],
    ['category', corrections.category ?? [], '--category'],
    ['time', corrections.time ?? [], '--time'],
    ['identifier', corrections.entity ?? [], '--entity'],
  ];
  const kinds = new Map<string, ColumnKind>();
  const names = source.columns.map(({ name }) => name);
  for (const [kind, wanted, flag] of lists) {
    for (const name of wanted) {
      requireColumn(names, name, flag, source.name);
      const other = kinds.get(name);
      if (other !== undefined && other !== kind) {
        throw new OddityError(
          'BAD_USAGE',
          `${flag}: expected each column in one place, got ${quoteName(name)} as ${other} and as ${kind}; keep one`,
        );
      }
      kinds.set(name, kind);
    }
  }
  return kinds;
}

/** The position of a column that the user names. Throws BAD_USAGE with the nearest name. */
export function requireColumn(names: readonly string[], name: string, flag: string, table: string): number {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const near = nearestName(name, names);
  const shown = names.slice(0, 12).join(', ').replace(/\s+/g, ' ');
  const choices = names.length > 12 ? `${shown}, ...` : shown;
  throw new OddityError(
    'BAD_USAGE',
    `${flag}: expected a column of ${table}, got ${quoteName(name)}; ${
      near === undefined ? `choose from ${choices}` : `did you mean ${quoteName(near)}?`
    }`,
    { data: { name, columns: names } },
  );
}

interface Guess {
  readonly kind: ColumnKind;
  readonly why?: string;
}

async function guessKind(
  source: TableSource,
  sample: string,
  index: number,
  stats: ColumnStats,
): Promise<Guess> {
  const { rows, present, distinct, type } = stats;
  const name = source.columns[index]?.name ?? '';
  if (/\[|STRUCT|MAP|UNION|BLOB|BIT\b/.test(type)) return { kind: 'dropped', why: `values of type ${type}` };
  if (present === 0) return { kind: 'constant', why: 'no value at all' };
  const number = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(type);
  if (distinct === 1 && rows > 1 && (present === rows || number)) {
    return { kind: 'constant', why: `always ${quoteName(stats.example ?? '')}` };
  }
  if (/^(DATE|TIME)/.test(type)) return { kind: 'time' };
  if (type === 'BOOLEAN') return { kind: 'category' };
  const unique = distinct === present && present > 1;
  const own = index < source.ownColumns;
  if (number) {
    if (!own || /^(FLOAT|DOUBLE|DECIMAL)/.test(type)) return { kind: 'number' };
    if (/(^|[^a-z])(u?u?id|guid)s?$/i.test(name) || /[a-z]I[dD]$/.test(name)) {
      return { kind: 'identifier', why: 'its name says so' };
    }
    if (!unique || present < rows) return { kind: 'number' };
    if (present >= 1000) return { kind: 'identifier', why: 'whole numbers that never repeat' };
    if (await isIncreasing(source, sample, index)) return { kind: 'identifier', why: 'a counter' };
    return { kind: 'number' };
  }
  if (unique && present > 2) return { kind: 'identifier', why: 'no value twice' };
  const repeats = present / distinct;
  if (present < 20 || (repeats >= 2 && (distinct <= dictionarySize || repeats >= 10))) {
    const why = `${distinct} values; the ${dictionarySize} most frequent are told apart`;
    return distinct > dictionarySize ? { kind: 'category', why } : { kind: 'category' };
  }
  return { kind: 'text', why: `${distinct} different texts` };
}

async function isIncreasing(source: TableSource, sample: string, index: number): Promise<boolean> {
  const value = `TRY_CAST(${columnId(index)} AS DOUBLE)`;
  const [row = []] = await queryRows(
    source.database,
    `SELECT bool_and(step > 0) FROM (SELECT v - lag(v) OVER (ORDER BY n) AS step FROM
      (SELECT ${value} AS v, row_number() OVER () AS n FROM ${sample}))`,
    source.name,
  );
  return row[0] === true;
}

/** The most frequent values of a column as text, equals in order of the alphabet. */
async function commonValues(source: TableSource, sample: string, index: number): Promise<string[]> {
  const value = categoryText(index);
  const rows = await queryRows(
    source.database,
    `SELECT v FROM (SELECT ${value} AS v FROM ${sample}) WHERE v IS NOT NULL
      GROUP BY v ORDER BY count(*) DESC, v LIMIT ${dictionarySize}`,
    source.name,
  );
  return rows.map(([text]) => String(text));
}

/** A column's value as a category: as text, missing where that is empty. */
export function categoryText(index: number): string {
  return `nullif(CAST(${columnId(index)} AS VARCHAR), '')`;
}

function requireFeatures(source: TableSource, columns: readonly ColumnSchema[]): void {
  if (columns.some(({ kind }) => kind === 'number' || kind === 'category')) return;
  const found = columns.slice(0, 6).map(({ name, kind }) => `${quoteName(name)} (${kind})`);
  throw new OddityError(
    'BAD_DATA',
    `${source.name}: expected a column of numbers or categories to learn from, got ${found.join(', ')}; name one with --number or --category`,
  );
}

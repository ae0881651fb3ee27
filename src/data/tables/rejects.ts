// Bad rows of text files found again with file, line, column and reason: the first of them to say, or all to write.
// Apart from reading, which is fast because it only finds out that there is one.
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';
import { type Database, describeFailure } from './database.ts';
import { lineNumbersAt } from './line-numbers.ts';
import { quoteName } from './schema.ts';
import { columnId, quotePath, quoteString } from './sql.ts';
import { partRelation, readCsv, readLines, splitLine, type TablePart } from './table-part.ts';
import type { ColumnCheck, TableSource } from './table-source.ts';

export interface Rejects {
  /** Rows left out. */
  readonly count: number;
  /** The first of them in words: file, line, column and reason. */
  readonly first?: string;
}

/**
 * Finds the rows that `checks` and the shape of lines leave out, in one pass, and writes them to `path` where one is
 * given, as CSV: file, line, column, reason, raw line.
 * @throws OddityError STORAGE.
 */
export async function findBadRows(
  source: TableSource,
  checks: readonly ColumnCheck[],
  path?: string,
): Promise<Rejects> {
  const connection = await source.database.connect();
  try {
    await collect(source, checks, connection, false);
    const [row = []] = await rowsOf(connection, 'SELECT count(*)::DOUBLE FROM rejected');
    const first = await firstInWords(connection);
    if (path !== undefined) await writeRejects(connection, path);
    return { count: Number(row[0]), ...(first === undefined ? {} : { first }) };
  } catch (error) {
    throw describeFailure(error, source.name);
  } finally {
    connection.closeSync();
  }
}

/** What stopped a reading: the first bad row in words where there is one, else what DuckDB said. */
export async function explainFailure(
  source: TableSource,
  checks: readonly ColumnCheck[],
  failure: unknown,
): Promise<OddityError> {
  if (failure instanceof OddityError) return failure;
  const described = describeFailure(failure, source.name);
  if (described.code === 'ABORTED') return described;
  const connection = await source.database.connect();
  try {
    await collect(source, checks, connection, true);
    const first = await firstInWords(connection);
    if (first === undefined) return described;
    return new OddityError('BAD_DATA', `${first}; mend it, or leave such rows out with --on-bad-row skip`, {
      cause: failure,
    });
  } catch (error) {
    return error instanceof OddityError ? error : described;
  } finally {
    connection.closeSync();
  }
}

/** Fills the temporary table `rejected`; only up to the first bad row of a file where one is enough. */
async function collect(
  source: TableSource,
  checks: readonly ColumnCheck[],
  connection: DuckDBConnection,
  onlyFirst: boolean,
): Promise<void> {
  await connection.run(
    'CREATE TEMP TABLE rejected (file VARCHAR, line BIGINT, "column" VARCHAR, reason VARCHAR, raw VARCHAR)',
  );
  const names = source.columns.slice(0, source.ownColumns).map(({ name }) => name);
  for (const part of source.parts) {
    if (part.kind === 'csv') await collectCsv(part, names, checks, connection, onlyFirst);
    else await collectOthers(part, names, checks, connection, onlyFirst);
    if (!onlyFirst) continue;
    if ((await rowsOf(connection, 'SELECT 1 FROM rejected LIMIT 1')).length > 0) return;
  }
}

async function collectCsv(
  part: Extract<TablePart, { kind: 'csv' }>,
  names: readonly string[],
  checks: readonly ColumnCheck[],
  connection: DuckDBConnection,
  onlyFirst: boolean,
): Promise<void> {
  const types: Record<number, string> = {};
  for (const { index, type } of checks) types[part.fields.indexOf(names[index] ?? '')] = type;
  const counted = part.fields.map((_, i) => `count(f${i})`).join(', ');
  const limit = onlyFirst ? ', rejects_limit = 1' : '';
  const options = `, store_rejects = true, rejects_table = 'found', rejects_scan = 'scanned'${limit}`;
  await connection.run('DROP TABLE IF EXISTS found');
  await connection.run('DROP TABLE IF EXISTS scanned');
  await connection.run(`SELECT ${counted} FROM ${readCsv(part, types, options)}`);
  if (part.rejected !== undefined) {
    await connection.run(
      `INSERT INTO rejected SELECT ${quoteString(part.file)}, line, NULL, reason, raw FROM read_csv(${quotePath(part.rejected)},
        auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {'line': 'BIGINT', 'reason': 'VARCHAR', 'raw': 'VARCHAR'})`,
    );
  }
  // Line ends and empty lines before a row stand at its head.
  const blank = `regexp_extract(csv_line, '^[\\r\\n]*')`;
  const start = `line_byte_position - 1 + length(${blank})`;
  await numberLines(part, connection, start);
  const columnNames = `[${part.fields.map(quoteString).join(', ')}]`;
  const value = `regexp_extract(error_message, 'Could not convert string "(.*)" to', 1, 's')`;
  const reason = `CASE error_type
    WHEN 'CAST' THEN 'expected ' || CASE WHEN error_message LIKE '%TIMESTAMP%' THEN 'a time' ELSE 'a number' END || ', got ''' || ${value} || ''''
    WHEN 'MISSING COLUMNS' THEN 'expected ${part.fields.length} values, got too few'
    WHEN 'TOO MANY COLUMNS' THEN 'expected ${part.fields.length} values, got too many'
    WHEN 'UNQUOTED VALUE' THEN 'expected closed quotes, got a broken one'
    WHEN 'LINE SIZE OVER MAXIMUM' THEN 'expected a line below 2 MB, got a longer one'
    ELSE 'expected UTF-8 text, got ' || lower(error_type) END`;
  const column = `CASE WHEN error_type = 'CAST' THEN ${columnNames}[column_idx::BIGINT] END`;
  await connection.run(
    `INSERT INTO rejected SELECT ${quoteString(part.file)}, coalesce(numbered.number, line), ${column}, ${reason}, substr(csv_line, length(${blank}) + 1)
     FROM found LEFT JOIN numbered ON numbered.start = ${start}
     QUALIFY row_number() OVER (PARTITION BY line_byte_position ORDER BY column_idx) = 1 ORDER BY line`,
  );
}

/** Makes the temporary table `numbered`: the true lines of the first bad rows, whose bytes start at `start`. */
async function numberLines(
  part: Extract<TablePart, { kind: 'csv' }>,
  connection: DuckDBConnection,
  start: string,
): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE numbered (start BIGINT, number BIGINT)');
  const rows = await rowsOf(
    connection,
    `SELECT DISTINCT (${start})::DOUBLE FROM found ORDER BY 1 LIMIT 10000`,
  );
  if (rows.length === 0) return;
  const starts = rows.map(([at]) => Number(at));
  const numbers = await lineNumbersAt(part.readFrom ?? part.file, part.gzip, starts);
  const values = starts.map((at, i) => `(${at}, ${numbers[i]})`);
  await connection.run(`INSERT INTO numbered VALUES ${values.join(', ')}`);
}

/** Rows of other formats by their number; a line of text is a row. */
async function collectOthers(
  part: TablePart,
  names: readonly string[],
  checks: readonly ColumnCheck[],
  connection: DuckDBConnection,
  onlyFirst: boolean,
): Promise<void> {
  if (part.kind === 'csv') return;
  let rows: string;
  let shape = '';
  if (part.kind === 'blank' || part.kind === 'jsonl') {
    const { fields, values, isGood, problem } = splitLine(part, names);
    const list = values.map((value, i) => `${value} AS ${columnId(i)}`).join(', ');
    shape = `WHEN NOT good THEN {'at': NULL, 'reason': ${quoteString(`${problem}, got another line`)}}`;
    rows = `SELECT n, raw, good, ${list} FROM (SELECT n, line AS raw, ${isGood} AS good, CASE WHEN ${isGood} THEN ${fields} END AS f
      FROM (SELECT line, row_number() OVER () AS n FROM ${readLines(part)}) WHERE trim(line) <> '')`;
  } else {
    if (checks.length === 0) return;
    rows = `SELECT row_number() OVER () AS n, NULL AS raw, * FROM (${partRelation(part, names, true)})`;
  }
  const tests = checks.map(({ index, type }) => {
    const id = columnId(index);
    const expected = type === 'DOUBLE' ? 'a number' : 'a time';
    return `WHEN ${id} IS NOT NULL AND TRY_CAST(${id} AS ${type}) IS NULL
      THEN {'at': ${quoteString(names[index] ?? '')}, 'reason': 'expected ${expected}, got ''' || ${id} || ''''}`;
  });
  if (shape === '' && tests.length === 0) return;
  await connection.run(
    `INSERT INTO rejected SELECT ${quoteString(part.file)}, n, bad.at, bad.reason, raw
     FROM (SELECT n, raw, CASE ${shape} ${tests.join('\n')} END AS bad FROM (${rows}))
     WHERE bad IS NOT NULL ${onlyFirst ? 'LIMIT 1' : ''}`,
  );
}

async function firstInWords(connection: DuckDBConnection): Promise<string | undefined> {
  const [row] = await rowsOf(
    connection,
    'SELECT file, line::DOUBLE, "column", reason, raw FROM rejected ORDER BY file, line LIMIT 1',
  );
  if (row === undefined) return undefined;
  const [file, line, column, reason, raw] = row;
  const place = typeof raw === 'string' ? 'line' : 'row';
  const where = typeof column === 'string' ? `, column ${quoteName(column)}` : '';
  const shown = typeof raw === 'string' && where === '' ? ` in ${quoteName(raw)}` : '';
  return `${file}, ${place} ${line}${where}: ${String(reason).replace(/\s+/g, ' ').slice(0, 200)}${shown}`;
}

async function writeRejects(connection: DuckDBConnection, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await connection.run(
      `COPY (SELECT file, line, "column", reason, raw FROM rejected ORDER BY file, line) TO ${quoteString(temporary)} (FORMAT csv, HEADER true)`,
    );
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new OddityError(
      'STORAGE',
      `expected to be able to write ${basename(path)} beside the results, got a refusal; choose another place for rejected rows`,
      { data: { path }, cause },
    );
  }
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await connection.runAndReadAll(sql)).getRowsJS();
}

/** Whether a quote is broken somewhere in a CSV file. Throws what DuckDB says of it as BAD_DATA. */
export async function hasBrokenQuotes(
  part: Extract<TablePart, { kind: 'csv' }>,
  database: Database,
): Promise<boolean> {
  const connection = await database.connect();
  try {
    const options = ", store_rejects = true, rejects_table = 'found', rejects_scan = 'scanned'";
    await connection.run(`SELECT count(f0) FROM ${readCsv(part, {}, options)}`);
    const rows = await rowsOf(
      connection,
      "SELECT 1 FROM found WHERE error_type IN ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM') LIMIT 1",
    );
    return rows.length > 0;
  } catch (error) {
    const described = describeFailure(error, part.file);
    if (/2 MB/.test(described.message)) return true;
    throw described;
  } finally {
    connection.closeSync();
  }
}

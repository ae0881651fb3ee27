// One file of a table as SQL: how each format's rows become text or typed columns, and where its bad rows are.
// Apart from source.ts: that opens and joins, this knows the formats.
import type { Dialect } from './dialect.ts';
import { columnId, quoteIdentifier, quotePath, quoteString } from './sql.ts';

export type TablePart =
  | {
      readonly kind: 'csv';
      readonly file: string;
      readonly gzip: boolean;
      readonly dialect: Dialect;
      /** Names in the order of the file. */
      readonly fields: readonly string[];
      /** A mended copy to read instead, and the CSV file of the lines that it lacks. */
      readonly readFrom?: string;
      readonly rejected?: string;
    }
  | {
      readonly kind: 'blank';
      readonly file: string;
      readonly gzip: boolean;
      readonly dialect: Dialect;
      readonly fields: readonly string[];
    }
  | {
      readonly kind: 'jsonl';
      readonly file: string;
      readonly gzip: boolean;
      readonly newline: string;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'parquet'; readonly file: string; readonly fields: readonly string[] }
  | {
      readonly kind: 'array';
      readonly file: string;
      /** Name of the DuckDB table it was copied to. */
      readonly table: string;
      readonly fields: readonly string[];
    };

/** What stands for a missing value in text files. */
export const missingWords = ['', ' ', 'NA', 'N/A', 'NaN', 'nan', 'NULL', 'null', 'None', '?'];
const missingList = missingWords.map(quoteString).join(', ');

/** A SELECT of the named columns as c0, c1, ... in file order; `lenient` leaves out rows of the wrong shape. */
export function partRelation(part: TablePart, names: readonly string[], lenient: boolean): string {
  const at = names.map((name) => part.fields.indexOf(name));
  if (part.kind === 'csv') {
    const select = at.map((field, i) => `f${field} AS ${columnId(i)}`).join(', ');
    return `SELECT ${select} FROM ${readCsv(part, {}, lenient ? ', ignore_errors = true' : '')}`;
  }
  if (part.kind === 'parquet') {
    const select = names.map((name, i) => `${quoteIdentifier(name)} AS ${columnId(i)}`).join(', ');
    return `SELECT ${select} FROM read_parquet(${quotePath(part.file)})`;
  }
  if (part.kind === 'array') {
    const select = at.map((field, i) => `f${field} AS ${columnId(i)}`).join(', ');
    return `SELECT ${select} FROM ${part.table}`;
  }
  const { fields, isGood, problem, values } = splitLine(part, names);
  const select = values.map((value, i) => `${value} AS ${columnId(i)}`).join(', ');
  const lines = `SELECT line FROM ${readLines(part)} WHERE trim(line) <> ''`;
  return lenient
    ? `SELECT ${select} FROM (SELECT CASE WHEN ${isGood} THEN ${fields} END AS f FROM (${lines})) WHERE f IS NOT NULL`
    : `SELECT ${select} FROM (SELECT CASE WHEN ${isGood} THEN ${fields} ELSE error(${quoteString(problem)}) END AS f FROM (${lines}))`;
}

type TextPart = Extract<TablePart, { readonly gzip: boolean }>;

/** A call of read_csv with columns f0, f1, ..., text unless `types` says otherwise by field. */
export function readCsv(
  part: Extract<TablePart, { kind: 'csv' }>,
  types: Readonly<Record<number, string>>,
  options: string,
): string {
  const columns = part.fields.map((_, i) => `'f${i}': '${types[i] ?? 'VARCHAR'}'`).join(', ');
  const { header, delimiter } = part.dialect;
  return `read_csv(${quotePath(part.readFrom ?? part.file)}, auto_detect = false, header = ${header}, delim = ${quoteString(delimiter)}, quote = '"', escape = '"', columns = {${columns}}, nullstr = [${missingList}]${textOptions(part)}${options})`;
}

/** A call of read_csv whose only column, `line`, is the whole line; NULL where it is empty. */
export function readLines(part: TextPart): string {
  return `read_csv(${quotePath(part.file)}, auto_detect = false, header = false, delim = chr(1), quote = '', escape = '', columns = {'line': 'VARCHAR'}${textOptions(part)})`;
}

function textOptions(part: TextPart): string {
  const newline = part.kind === 'jsonl' ? part.newline : part.dialect.newline;
  const written = { '\n': '\\n', '\r\n': '\\r\\n' }[newline];
  const ends = written === undefined ? '' : `, new_line = '${written}'`;
  return `${ends}, compression = '${part.gzip ? 'gzip' : 'none'}'`;
}

/** How a line becomes a list `f` of texts, and that the value of each name; whether it can; what is wrong where not. */
export function splitLine(
  part: Exclude<TextPart, { kind: 'csv' }>,
  names: readonly string[],
): {
  readonly fields: string;
  readonly values: readonly string[];
  readonly isGood: string;
  readonly problem: string;
} {
  if (part.kind === 'jsonl') {
    const paths = names.map((name) => quoteString(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`));
    return {
      fields: `json_extract_string(line, [${paths.join(', ')}])`,
      values: names.map((_, i) => `f[${i + 1}]`),
      isGood: `(json_valid(line) AND starts_with(ltrim(line), '{'))`,
      problem: 'expected a JSON object',
    };
  }
  const cells = `string_split_regex(trim(line, ' \t'), '\\s+')`;
  const values = names.map((name) => `f[${part.fields.indexOf(name) + 1}]`);
  return {
    fields: cells,
    values: values.map((value) => `CASE WHEN ${value} NOT IN (${missingList}) THEN ${value} END`),
    isGood: `(len(${cells}) = ${part.fields.length})`,
    problem: `expected ${part.fields.length} values`,
  };
}

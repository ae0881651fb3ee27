// What an open table is to those who read, widen or write it.
import type { Database } from './database.ts';
import type { SourceColumn } from './schema.ts';
import { columnId } from './sql.ts';
import type { TablePart } from './table-part.ts';

export type TableFormat = 'csv' | 'blank-separated' | 'jsonl' | 'parquet' | 'npy' | 'npz';

/** A column whose text must be readable as this type, for its row to be a good one. */
export interface ColumnCheck {
  /** Position among the columns of the files. */
  readonly index: number;
  readonly type: 'DOUBLE' | 'TIMESTAMP';
}

/** An open table. Columns of text files are text inside, so that they are written back as they came. */
export interface TableSource {
  /** For people: the path as it was given. */
  readonly name: string;
  readonly format: TableFormat;
  /** In the order of the file; `type` is told from the first rows where the file has no types. */
  readonly columns: readonly SourceColumn[];
  /** The types that `relation` yields: VARCHAR for text files. */
  readonly storedTypes: readonly string[];
  readonly onBadRow: 'fail' | 'skip';
  /** The files, and how each is read. */
  readonly parts: readonly TablePart[];
  /** How many of `columns` are the files' own; those that profiles and windows add come behind. */
  readonly ownColumns: number;
  /** Checks that profiles and windows need beside those of a schema. */
  readonly checks: readonly ColumnCheck[];
  readonly database: Database;
  /**
   * SQL of the rows in order: a SELECT of `columns` as c0, c1, ...; where bad rows are skipped, without those that
   * fail a check, so that profiles do not see them either.
   */
  relation(checks: readonly ColumnCheck[]): string;
  /** Frees DuckDB and its temporary files; the source is of no use afterwards. */
  close(): Promise<void>;
}

/** The checks of those columns, by position, that the files hold as text. */
export function checksOf(
  source: Pick<TableSource, 'storedTypes' | 'ownColumns'>,
  indexes: readonly number[],
  type: ColumnCheck['type'],
): ColumnCheck[] {
  return indexes
    .filter((index) => index < source.ownColumns && source.storedTypes[index] === 'VARCHAR')
    .map((index) => ({ index, type }));
}

/** The rows of a relation that pass the checks. */
export function filterRows(relation: string, checks: readonly ColumnCheck[]): string {
  if (checks.length === 0) return relation;
  const good = checks.map(({ index, type }) => {
    const id = columnId(index);
    return `(${id} IS NULL OR TRY_CAST(${id} AS ${type}) IS NOT NULL)`;
  });
  return `SELECT * FROM (${relation}) WHERE ${good.join(' AND ')}`;
}

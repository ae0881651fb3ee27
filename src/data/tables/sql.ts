// Words of users as SQL: quoted, never trusted. Inside, columns go by their position, so no name can do harm.

/** A name as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL string. */
export function quoteString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path that DuckDB takes as it is: no character of it starts a pattern. */
export function quotePath(path: string): string {
  return quoteString(path.replace(/[*?[]/g, (character) => `[${character}]`));
}

/** The name inside relations of the column at a position. */
export function columnId(index: number): string {
  return `c${index}`;
}

// What every reader of tables yields and every tabular detector takes: columns of numbers and of categories.
// Apart from the readers so that browsers can build a table without touching a file.

/** Numbers, NaN where missing. Infinities are kept: a detector scores them as the extremes they are. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly values: Float32Array;
}

/** Categories as positions in a dictionary, -1 where missing. */
export interface CategoryColumn {
  readonly kind: 'category';
  readonly name: string;
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type TableColumn = NumberColumn | CategoryColumn;

/** Rows of a table by column; only columns that a detector may learn from. */
export interface TableSet {
  readonly count: number;
  readonly columns: readonly TableColumn[];
  /** One class index per row, where the source has labels. */
  readonly labels?: Uint8Array;
}

/** A table whose labels say which rows are anomalies. */
export interface LabelledTable {
  readonly name: string;
  readonly rows: TableSet;
  /** 1 where a row is labelled an anomaly. */
  readonly isAnomaly: Uint8Array;
}

/** The chosen rows of a table, in the order given. */
export function selectTableRows(table: TableSet, rows: ArrayLike<number>): TableSet {
  const pick = <Values extends Float32Array | Int32Array | Uint8Array>(values: Values): Values => {
    const picked = new (values.constructor as new (length: number) => Values)(rows.length);
    for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i] ?? 0] ?? 0;
    return picked;
  };
  const columns = table.columns.map(
    (column): TableColumn =>
      column.kind === 'number'
        ? { ...column, values: pick(column.values) }
        : { ...column, codes: pick(column.codes) },
  );
  return {
    count: rows.length,
    columns,
    ...(table.labels === undefined ? {} : { labels: pick(table.labels) }),
  };
}

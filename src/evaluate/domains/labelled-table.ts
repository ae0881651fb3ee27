// A labelled table from a file, read once for all trials of a bench.

import type { CategoryColumn, TableSet } from '../../data/table.ts';
import { inferSchema, type SchemaCorrections } from '../../data/tables/infer-schema.ts';
import { judgeLabels } from '../../data/tables/labels.ts';
import { type RowFilter, readRows } from '../../data/tables/read-rows.ts';
import { type OpenTableOptions, openTable } from '../../data/tables/source.ts';

export interface LabelledRows {
  readonly table: TableSet;
  readonly label: CategoryColumn;
  /** 1 where the label says so. */
  readonly isAnomaly: Uint8Array;
}

export interface ReadLabelledOptions extends OpenTableOptions {
  readonly columns: SchemaCorrections & { readonly label: string };
  readonly where?: readonly RowFilter[];
}

/** Reads features and labels. Throws BAD_DATA, BAD_USAGE as the readers do. */
export async function readLabelled(
  path: string,
  { columns, where = [], ...options }: ReadLabelledOptions,
): Promise<LabelledRows> {
  const source = await openTable(path, options);
  try {
    const schema = await inferSchema(source, columns);
    const { rows, label } = await readRows(source, schema, { where });
    if (label === undefined) throw new RangeError(`${path} was read without its label column.`);
    const { isAnomaly } = judgeLabels(label, columns.normal === undefined ? {} : { normal: columns.normal });
    return { table: rows, label, isAnomaly };
  } finally {
    source.close();
  }
}

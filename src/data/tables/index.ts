// Tables in Node: what `import ... from 'oddity/tables'` gives. Apart from the library's entry, which browsers load.
export { inferSchema, type SchemaCorrections } from './infer-schema.ts';
export { judgeLabels } from './labels.ts';
export { type ProfileOptions, withProfiles } from './profiles.ts';
export { type ReadRows, type ReadRowsOptions, type RowBatch, readRows, streamBatches } from './read-rows.ts';
export type { TableSchema } from './schema.ts';
export { type OpenTableOptions, openTable } from './source.ts';
export type { TableSource } from './table-source.ts';
export { type WindowOptions, withWindows } from './windows.ts';
export { createTableWriter } from './write-table.ts';

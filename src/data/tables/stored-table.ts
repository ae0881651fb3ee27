// A table whose rows are computed once and kept: profiles and windows cost far more than reading them again.
import { explainFailure } from './rejects.ts';
import { filterRows, type TableSource } from './table-source.ts';

/**
 * The source with its rows in a DuckDB table, in memory as far as that goes and then in temporary files. Rows that are
 * bad in other columns than those profiles and windows are made from are left out when they are read. Throws BAD_DATA.
 */
export async function storeRows(source: TableSource): Promise<TableSource> {
  const table = `stored_${source.database.nextId()}`;
  const connection = await source.database.connect();
  try {
    await connection.run(`CREATE TABLE ${table} AS ${source.relation(source.checks)}`);
  } catch (error) {
    throw await explainFailure(source, source.checks, error);
  } finally {
    connection.closeSync();
  }
  const relation: TableSource['relation'] = (checks) =>
    filterRows(`SELECT * FROM ${table}`, source.onBadRow === 'skip' ? checks : []);
  return { ...source, relation };
}

// What can be told of each column from rows of it: how many values read as numbers, as times, how many differ.
import { type Database, queryRows } from './database.ts';
import { columnId } from './sql.ts';

export interface ColumnStats {
  readonly rows: number;
  /** Values that are there. */
  readonly present: number;
  /** How many of them differ; 2 for more than one fraction. */
  /** How many of them differ; 2 stands for more than one fraction. */
  readonly distinct: number;
  /** Mean number of letters; 0 for columns that are not text. */
  readonly length: number;
  /** The least value as text, undefined where there is none. */
  readonly example?: string;
  /** As DuckDB names it; for text columns, what nine of ten values read as. */
  readonly type: string;
}

/** Looks at the rows of a relation, all of them. */
export async function columnStats(
  database: Database,
  relation: string,
  storedTypes: readonly string[],
  name: string,
): Promise<readonly ColumnStats[]> {
  const selects = storedTypes.map((stored, index) => {
    const id = columnId(index);
    if (stored !== 'VARCHAR') {
      return `count(${id})::DOUBLE, 0::DOUBLE, min(${id})::VARCHAR, max(${id})::VARCHAR, 0::DOUBLE, 0::DOUBLE, 0::DOUBLE, 0::DOUBLE`;
    }
    const number = `TRY_CAST(${id} AS DOUBLE)`;
    const count = (value: string): string => `count(${value})::DOUBLE`;
    return [
      count(id),
      `coalesce(avg(length(${id})), 0)::DOUBLE`,
      `min(${id})`,
      `max(${id})`,
      count(number),
      count(`CASE WHEN ${number} = trunc(${number}) AND NOT contains(${id}, '.') THEN 1 END`),
      count(`CASE WHEN lower(${id}) IN ('true', 'false') THEN 1 END`),
      count(`CASE WHEN ${number} IS NULL THEN TRY_CAST(${id} AS TIMESTAMP) END`),
    ].join(', ');
  });
  const sql = `SELECT count(*)::DOUBLE, ${selects.join(', ')} FROM (${relation})`;
  const [row = []] = await queryRows(database, sql, name);
  const rows = Number(row[0]);
  const stats = storedTypes.map((stored, index) => {
    const cells = row.slice(1 + 8 * index, 9 + 8 * index);
    const [present = 0, length = 0] = cells.slice(0, 2).map(Number);
    const [numbers = 0, integers = 0, booleans = 0, times = 0] = cells.slice(4).map(Number);
    const most = Math.max(1, 0.9 * present);
    let type = stored;
    if (stored === 'VARCHAR') {
      if (numbers >= most) type = integers === numbers ? 'BIGINT' : 'DOUBLE';
      else if (booleans >= most) type = 'BOOLEAN';
      else if (times >= most) type = 'TIMESTAMP';
    }
    const [least, greatest] = cells.slice(2, 4);
    const example = typeof least === 'string' ? { example: least } : {};
    return {
      rows,
      present,
      distinct: least === greatest ? Math.min(1, present) : 2,
      length,
      type,
      ...example,
    };
  });
  // Only where it matters how many values differ; for fractions it is slow and says nothing.
  const counted = stats.flatMap(({ distinct, type }, index) =>
    distinct === 2 && !/^(FLOAT|DOUBLE|DECIMAL)/.test(type) ? [index] : [],
  );
  if (counted.length === 0) return stats;
  const distinct = counted.map((index) => `count(DISTINCT ${columnId(index)})::DOUBLE`).join(', ');
  const [counts = []] = await queryRows(database, `SELECT ${distinct} FROM (${relation})`, name);
  return stats.map((each, index) => {
    const at = counted.indexOf(index);
    return at < 0 ? each : { ...each, distinct: Number(counts[at]) };
  });
}

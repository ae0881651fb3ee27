// Sliding windows over sensor series: each row with the last values of every sensor, never across entities.
// As SQL around a source, like profiles.
import { z } from 'zod';
import { OddityError } from '../../errors.ts';
import { requireColumn } from './infer-schema.ts';
import { columnId } from './sql.ts';
import { type ColumnCheck, checksOf, type TableSource } from './table-source.ts';

export const windowOptions = z.strictObject({
  /** Rows in a window, the row itself the last. */
  size: z.int().min(2).max(1024),
  entity: z.string().exactOptional(),
  /** Order within an entity; the order of the file unless given. */
  time: z.string().exactOptional(),
  /** The sensors. */
  sensors: z.array(z.string()).min(1),
  /** `stats`: mean, deviation and slope of each sensor; `flat`: its values before the row. Its last value is its own column. */
  summary: z.enum(['stats', 'flat']).default('stats'),
});
export type WindowOptions = z.infer<typeof windowOptions>;

/**
 * The source with window columns beside its own, whose sensors are the last values of the windows; slopes are per row.
 * Rows with less than a full window before them in their entity are left out.
 * @throws OddityError BAD_USAGE for unknown columns or a table too wide.
 */
export function withWindows(source: TableSource, options: WindowOptions): TableSource {
  const names = source.columns.map(({ name }) => name);
  const at = (name: string, flag: string): number => requireColumn(names, name, flag, source.name);
  const sensors = options.sensors.map((name) => ({ name, index: at(name, '--sensor') }));
  const entity = options.entity === undefined ? undefined : at(options.entity, '--entity');
  const time = options.time === undefined ? undefined : at(options.time, '--time');
  const isTime = time !== undefined && /^(DATE|TIMESTAMP)/.test(source.columns[time]?.type ?? '');
  const added = windowColumns(sensors, options);
  if (added.length > 10_000) {
    throw new OddityError(
      'BAD_USAGE',
      `--window ${options.size}: expected at most 10000 window columns, got ${added.length}; take fewer sensors or the summary 'stats'`,
    );
  }
  const checks: ColumnCheck[] = [
    ...source.checks,
    ...checksOf(source, time === undefined ? [] : [time], isTime ? 'TIMESTAMP' : 'DOUBLE'),
    ...checksOf(
      source,
      sensors.map(({ index }) => index),
      'DOUBLE',
    ),
  ];
  const convert = source.onBadRow === 'skip' ? 'TRY_CAST' : 'CAST';
  const own = names.map((_, i) => columnId(i)).join(', ');
  const order =
    time === undefined ? 'n' : `${convert}(${columnId(time)} AS ${isTime ? 'TIMESTAMP' : 'DOUBLE'}), n`;
  const partition = entity === undefined ? '' : `PARTITION BY ${columnId(entity)} `;
  const relation = (extra: readonly ColumnCheck[]): string => {
    const values = sensors
      .map(({ index }, k) => `${convert}(${columnId(index)} AS DOUBLE) AS s${k}`)
      .join(', ');
    const numbered = `SELECT *, row_number() OVER () AS n, ${values} FROM (${source.relation([...checks, ...extra])})`;
    const placed = `SELECT *, row_number() OVER (${partition}ORDER BY ${order}) AS place FROM (${numbered})`;
    const select = added.map(({ sql }, i) => `(${sql})::DOUBLE AS ${columnId(names.length + i)}`).join(', ');
    const frame = `w AS (${partition}ORDER BY place ROWS BETWEEN ${options.size - 1} PRECEDING AND CURRENT ROW)`;
    const outer = [own, ...added.map((_, i) => columnId(names.length + i))].join(', ');
    return `SELECT ${outer} FROM (SELECT ${own}, n, place, ${select} FROM (${placed}) WINDOW ${frame}) WHERE place >= ${options.size} ORDER BY n`;
  };
  return {
    ...source,
    columns: [...source.columns, ...added.map(({ name }) => ({ name, type: 'DOUBLE' }))],
    storedTypes: [...source.storedTypes, ...added.map(() => 'DOUBLE')],
    checks,
    relation,
  };
}

interface WindowColumn {
  readonly name: string;
  readonly sql: string;
}

function windowColumns(
  sensors: readonly { readonly name: string }[],
  { size, summary }: WindowOptions,
): readonly WindowColumn[] {
  if (summary === 'flat') {
    return sensors.flatMap(({ name }, k) =>
      Array.from({ length: size - 1 }, (_, i) => {
        const back = size - 1 - i;
        return { name: `${name}, ${back} before`, sql: `lag(s${k}, ${back}) OVER w` };
      }),
    );
  }
  return sensors.flatMap(({ name }, k) => [
    { name: `${name}: mean of ${size}`, sql: `avg(s${k}) OVER w` },
    { name: `${name}: deviation of ${size}`, sql: `stddev_pop(s${k}) OVER w` },
    { name: `${name}: slope of ${size}`, sql: `regr_slope(s${k}, place::DOUBLE) OVER w` },
  ]);
}

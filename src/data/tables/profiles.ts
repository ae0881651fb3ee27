// Rolling profiles: what each customer, card or terminal did before, as columns beside its rows.
// As SQL around a source, so that training, scoring and streaming see the same numbers; never a look ahead.
import { z } from 'zod';
import { requireColumn } from './infer-schema.ts';
import type { SourceColumn } from './schema.ts';
import { openTableIn } from './source.ts';
import { columnId, quoteString } from './sql.ts';
import { type ColumnCheck, checksOf, type TableSource } from './table-source.ts';

export const profileOptions = z.strictObject({
  /** Column of dates, or of seconds. */
  time: z.string(),
  /** Columns that name customers, cards, terminals; each is followed by itself. */
  entities: z.array(z.string()).min(1),
  /** Number columns whose mean, deviation and ratio to habit are followed. */
  amounts: z.array(z.string()).default([]),
  /** Lengths of the windows in days; habit is the longest. */
  days: z.array(z.number().positive()).min(1).default([1, 7, 30]),
  /** Label column whose past is a risk, known only `delayDays` after the row; `normal` are its values that are none. */
  risk: z
    .strictObject({ column: z.string(), normal: z.array(z.string()).min(1), delayDays: z.number().min(0) })
    .exactOptional(),
});
export type ProfileOptions = z.infer<typeof profileOptions>;

const day = 86_400;

/**
 * The source with profile columns beside its own: for each entity how many rows, and of each amount the mean and
 * deviation, in the days up to and with the row; seconds since its last row; the amount over its mean before the row;
 * its share of anomalies, as known by then. Rows of the same time count in the order of the file.
 * `history` is a path to rows that came before: they fill the windows and are not rows of the result.
 * @throws OddityError BAD_USAGE for unknown columns, BAD_DATA for times that are none (when rows are read).
 */
export async function withProfiles(
  source: TableSource,
  options: ProfileOptions,
  history?: string,
): Promise<TableSource> {
  const names = source.columns.map(({ name }) => name);
  const at = (name: string, flag: string): number => requireColumn(names, name, flag, source.name);
  const time = at(options.time, '--time');
  const entities = options.entities.map((name) => ({ name, index: at(name, '--entity') }));
  const amounts = options.amounts.map((name) => ({ name, index: at(name, '--amount') }));
  const past = history === undefined ? undefined : await openHistory(source, history, options);
  // A file to be scored may have no labels; then only those of the history count.
  const risk =
    options.risk === undefined ? undefined : { ...options.risk, index: names.indexOf(options.risk.column) };
  const added = profileColumns(options, entities, amounts);
  const timeType = source.columns[time]?.type ?? '';
  const isTime = /^(DATE|TIMESTAMP)/.test(timeType);
  const checks: ColumnCheck[] = [
    ...source.checks,
    ...checksOf(source, [time], isTime ? 'TIMESTAMP' : 'DOUBLE'),
    ...checksOf(
      source,
      amounts.map(({ index }) => index),
      'DOUBLE',
    ),
  ];
  const convert = source.onBadRow === 'skip' ? 'TRY_CAST' : 'CAST';
  const columns: SourceColumn[] = [...source.columns, ...added.map(({ name }) => ({ name, type: 'DOUBLE' }))];
  const relation = (extra: readonly ColumnCheck[]): string => {
    const own = names.map((_, i) => columnId(i)).join(', ');
    const rows = `SELECT ${own}, FALSE AS past FROM (${source.relation([...checks, ...extra])})`;
    const before = past === undefined ? '' : `SELECT ${past} UNION ALL `;
    const seconds = isTime
      ? `epoch(${convert}(${columnId(time)} AS TIMESTAMP))`
      : `${convert}(${columnId(time)} AS DOUBLE)`;
    const values = amounts.map(({ index }, k) => `${convert}(${columnId(index)} AS DOUBLE) AS a${k}`);
    const labels = risk === undefined ? [] : [`${anomalyValue(risk)} AS anomaly`];
    const numbered = `SELECT ${[own, 'past', `${seconds} AS t`, 'row_number() OVER () AS n', ...values, ...labels].join(', ')} FROM (${before}${rows})`;
    // Time and row as one whole number: a frame of it ends at the row itself, not at the last row of the same second.
    const keyed = `SELECT *, (t * 1000000)::HUGEINT * ${rowSpan} + n AS key FROM (${numbered})`;
    const select = added.map(({ sql }, i) => `${sql} AS ${columnId(names.length + i)}`).join(', ');
    const windows = profileWindows(options, entities).join(', ');
    const outer = columns.map((_, i) => columnId(i)).join(', ');
    return `SELECT ${outer} FROM (SELECT ${own}, past, n, ${select} FROM (${keyed}) WINDOW ${windows}) WHERE NOT past ORDER BY n`;
  };
  return {
    ...source,
    columns,
    storedTypes: [...source.storedTypes, ...added.map(() => 'DOUBLE')],
    checks,
    relation,
  };
}

/** More rows than a table has. */
const rowSpan = '1099511627776::HUGEINT';
const span = (days: number): string => `${Math.round(days * day * 1e6)}::HUGEINT * ${rowSpan}`;

interface Named {
  readonly name: string;
  readonly index: number;
}

/** Frames of each entity: w for the last rows, w_days up to the row, r_days of what was known of labels then. */
function profileWindows(options: ProfileOptions, entities: readonly Named[]): string[] {
  const delay = options.risk?.delayDays ?? 0;
  return entities.flatMap(({ index }, e) => {
    const order = `PARTITION BY ${columnId(index)} ORDER BY key`;
    const frames = options.days.flatMap((days, d) => [
      `w${e}_${d} AS (${order} RANGE BETWEEN ${span(days)} PRECEDING AND CURRENT ROW)`,
      ...(options.risk === undefined
        ? []
        : [
            `r${e}_${d} AS (${order} RANGE BETWEEN ${span(days + delay)} PRECEDING AND ${span(delay)} + 1 PRECEDING)`,
          ]),
    ]);
    return [`w${e} AS (${order})`, ...frames];
  });
}

interface ProfileColumn {
  readonly name: string;
  readonly sql: string;
}

function profileColumns(
  options: ProfileOptions,
  entities: readonly Named[],
  amounts: readonly Named[],
): readonly ProfileColumn[] {
  const columns: ProfileColumn[] = [];
  const longest = options.days.indexOf(Math.max(...options.days));
  for (const [e, { name, index }] of entities.entries()) {
    const add = (label: string, sql: string): void => {
      const known = `${columnId(index)} IS NOT NULL AND t IS NOT NULL`;
      columns.push({ name: `${name}: ${label}`, sql: `CASE WHEN ${known} THEN (${sql})::DOUBLE END` });
    };
    add('seconds since last', `t - lag(t) OVER w${e}`);
    for (const [d, days] of options.days.entries()) {
      const frame = `w${e}_${d}`;
      add(`rows in ${days} d`, `count(*) OVER ${frame}`);
      for (const [k, amount] of amounts.entries()) {
        add(`mean ${amount.name} in ${days} d`, `avg(a${k}) OVER ${frame}`);
        add(`deviation of ${amount.name} in ${days} d`, `stddev_pop(a${k}) OVER ${frame}`);
        if (d !== longest) continue;
        const [sum, count] = [`sum(a${k}) OVER ${frame}`, `count(a${k}) OVER ${frame}`];
        // The mean before the row: habit must not hold the very amount it is to judge.
        add(`${amount.name} to habit`, `a${k} / nullif((${sum} - a${k}) / nullif(${count} - 1, 0), 0)`);
      }
      if (options.risk !== undefined) {
        add(`risk in ${days} d`, `coalesce(avg(anomaly) OVER r${e}_${d}, 0)`);
      }
    }
  }
  const angle = `2 * pi() * (t - ${day} * floor(t / ${day})) / ${day}`;
  const weekday = `(floor(t / ${day})::BIGINT % 7 + 7 + 3) % 7`;
  columns.push({ name: 'time of day, sine', sql: `sin(${angle})` });
  columns.push({ name: 'time of day, cosine', sql: `cos(${angle})` });
  columns.push({ name: 'weekend', sql: `CASE WHEN t IS NOT NULL THEN (${weekday} >= 5)::DOUBLE END` });
  columns.push({
    name: 'night',
    sql: `CASE WHEN t IS NOT NULL THEN (t - ${day} * floor(t / ${day}) < 6 * 3600)::DOUBLE END`,
  });
  return columns;
}

function anomalyValue({
  index,
  normal,
}: {
  readonly index: number;
  readonly normal: readonly string[];
}): string {
  if (index < 0) return 'NULL::DOUBLE';
  return `(CAST(${columnId(index)} AS VARCHAR) NOT IN (${normal.map(quoteString).join(', ')}))::DOUBLE`;
}

/** The history's rows as columns of the source, without SELECT; what it lacks is missing. */
async function openHistory(source: TableSource, path: string, options: ProfileOptions): Promise<string> {
  const history = await openTableIn(source.database, path, { onBadRow: source.onBadRow });
  const names = history.columns.map(({ name }) => name);
  for (const name of [options.time, ...options.entities, ...options.amounts]) {
    requireColumn(names, name, '--history', history.name);
  }
  const picked = source.columns.map(({ name }, i) => {
    const index = names.indexOf(name);
    const type = source.storedTypes[i] ?? 'VARCHAR';
    return `CAST(${index < 0 ? 'NULL' : columnId(index)} AS ${type}) AS ${columnId(i)}`;
  });
  const columns = [options.time, ...options.amounts].map((name) => names.indexOf(name));
  const isTime = /^(DATE|TIMESTAMP)/.test(history.columns[columns[0] ?? 0]?.type ?? '');
  const checks = [
    ...checksOf(history, columns.slice(0, 1), isTime ? 'TIMESTAMP' : 'DOUBLE'),
    ...checksOf(history, columns.slice(1), 'DOUBLE'),
  ];
  return `${picked.join(', ')}, TRUE AS past FROM (${history.relation(checks)})`;
}

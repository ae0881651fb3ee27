// Profiles and windows: held against a plain computation, and proof that nothing looks ahead.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TableSet } from '../../src/data/table.ts';
import { type ProfileOptions, profileOptions, withProfiles } from '../../src/data/tables/profiles.ts';
import { readRows } from '../../src/data/tables/read-rows.ts';
import type { TableSchema } from '../../src/data/tables/schema.ts';
import type { TableSource } from '../../src/data/tables/source.ts';
import { storeRows } from '../../src/data/tables/stored-table.ts';
import { windowOptions, withWindows } from '../../src/data/tables/windows.ts';
import { createRandom } from '../../src/nn/random.ts';
import { failsWith, rejectsWith } from './support.ts';
import { folderWith, lines, openedFile, valuesOf } from './table-support.ts';

interface Payment {
  readonly time: number;
  readonly card: string;
  readonly shop: string;
  readonly amount: number | null;
  readonly fraud: number;
}

/** Payments in order of time, many in the same second. */
function payments(count: number): Payment[] {
  const random = createRandom('payments');
  let time = 1_700_000_000;
  return Array.from({ length: count }, () => {
    if (random.uniform() < 0.6) time += random.integer(40_000);
    return {
      time,
      card: `c${random.integer(6)}`,
      shop: `s${random.integer(4)}`,
      amount: random.uniform() < 0.05 ? null : Math.round(100 * random.uniform() * 50) / 100,
      fraud: random.uniform() < 0.2 ? 1 : 0,
    };
  });
}

const csv = (rows: readonly Payment[]): string =>
  lines(
    'when,card,shop,amount,fraud',
    ...rows.map(({ time, card, shop, amount, fraud }) =>
      [
        new Date(1000 * time).toISOString().slice(0, 19).replace('T', ' '),
        card,
        shop,
        amount ?? '',
        fraud,
      ].join(','),
    ),
  );

const options: ProfileOptions = profileOptions.parse({
  time: 'when',
  entities: ['card', 'shop'],
  amounts: ['amount'],
  days: [1, 7],
  risk: { column: 'fraud', normal: ['0'], delayDays: 2 },
});

async function read(source: TableSource): Promise<TableSet> {
  const added = source.columns.slice(source.ownColumns);
  const schema: TableSchema = { columns: added.map(({ name, type }) => ({ name, type, kind: 'number' })) };
  return (await readRows(source, schema)).rows;
}

async function profiles(context: TestContext, rows: readonly Payment[], history?: string): Promise<TableSet> {
  return read(await withProfiles(await openedFile(context, 't.csv', csv(rows)), options, history));
}

const rows = payments(300);

test('profiles are those of a plain computation', async (context) => {
  const table = await profiles(context, rows);
  assert.equal(table.count, rows.length);
  const day = 86_400;
  const close = (name: string, i: number, expected: number): void => {
    const got = valuesOf(table, name)[i] as number;
    const message = `${name} of row ${i}: expected ${expected}, got ${got}`;
    if (Number.isNaN(expected)) assert.ok(Number.isNaN(got), message);
    else assert.ok(Math.abs(got - expected) <= 1e-5 * (1 + Math.abs(expected)), message);
  };
  for (const [i, row] of rows.entries()) {
    const own = rows.slice(0, i + 1).filter(({ card }) => card === row.card);
    const week = own.filter(({ time }, k) => time > row.time - 7 * day || k === own.length - 1);
    const amounts = week.flatMap(({ amount }) => (amount === null ? [] : [amount]));
    const mean = amounts.reduce((sum, value) => sum + value, 0) / amounts.length;
    close('card: rows in 7 d', i, week.length);
    close('card: mean amount in 7 d', i, mean);
    const spread = amounts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / amounts.length;
    close('card: deviation of amount in 7 d', i, Math.sqrt(spread));
    close('card: seconds since last', i, own.length > 1 ? row.time - (own.at(-2)?.time ?? 0) : Number.NaN);
    const before = row.amount === null ? [] : amounts.slice(0, -1);
    const habit = before.reduce((sum, value) => sum + value, 0) / before.length;
    close(
      'card: amount to habit',
      i,
      row.amount === null || before.length === 0 ? Number.NaN : row.amount / habit,
    );
    const known = rows.filter(
      ({ shop, time }) => shop === row.shop && time < row.time - 2 * day && time > row.time - 3 * day,
    );
    const risk = known.reduce((sum, { fraud }) => sum + fraud, 0) / Math.max(1, known.length);
    close('shop: risk in 1 d', i, risk);
  }
  const hour = new Date(1000 * (rows[7]?.time ?? 0)).getUTCHours();
  assert.equal(valuesOf(table, 'night')[7], hour < 6 ? 1 : 0);
  const weekday = new Date(1000 * (rows[7]?.time ?? 0)).getUTCDay();
  assert.equal(valuesOf(table, 'weekend')[7], weekday === 0 || weekday === 6 ? 1 : 0);
});

test('no profile looks ahead: later rows, and labels not yet known, change nothing', async (context) => {
  const whole = await profiles(context, rows);
  for (const k of [1, 50, 157, 299]) {
    const cut = await profiles(context, rows.slice(0, k));
    for (const { name } of cut.columns) {
      assert.deepEqual(valuesOf(cut, name), valuesOf(whole, name).slice(0, k), `${name}, cut after ${k}`);
    }
    const changed = rows.map((row, i) => (i < k ? row : { ...row, amount: 1e6, card: 'c0', fraud: 1 }));
    const other = await profiles(context, changed);
    for (const { name } of other.columns) {
      assert.deepEqual(valuesOf(other, name).slice(0, k), valuesOf(whole, name).slice(0, k), name);
    }
  }
  const flipped = rows.map((row, i) => (i < 200 ? row : { ...row, fraud: 1 - row.fraud }));
  const limit = (rows[200]?.time ?? 0) + 2 * 86_400;
  const until = rows.findIndex(({ time }) => time > limit);
  const other = await profiles(context, flipped);
  assert.deepEqual(
    valuesOf(other, 'shop: risk in 7 d').slice(0, until),
    valuesOf(whole, 'shop: risk in 7 d').slice(0, until),
  );
});

test('a row does not see its own label, even without delay', async (context) => {
  const risk = { column: 'fraud', normal: ['0'], delayDays: 0 };
  const of = async (table: readonly Payment[]) =>
    read(await withProfiles(await openedFile(context, 't.csv', csv(table)), { ...options, risk }));
  const first = await of(rows);
  const turned = await of(rows.map((row, i) => (i === 120 ? { ...row, fraud: 1 - row.fraud } : row)));
  const name = 'card: risk in 7 d';
  assert.deepEqual(valuesOf(turned, name).slice(0, 121), valuesOf(first, name).slice(0, 121));
  assert.notDeepEqual(valuesOf(turned, name), valuesOf(first, name));
});

test('history fills the windows and is not scored; stored rows are the same rows', async (context) => {
  const whole = await profiles(context, rows);
  const folder = folderWith(context, { 'past.csv': csv(rows.slice(0, 200)) });
  const scored = await profiles(context, rows.slice(200), join(folder, 'past.csv'));
  assert.equal(scored.count, 100);
  for (const { name } of whole.columns) {
    assert.deepEqual(valuesOf(scored, name), valuesOf(whole, name).slice(200), name);
  }
  const source = await withProfiles(await openedFile(context, 't.csv', csv(rows)), options);
  assert.deepEqual((await read(await storeRows(source))).columns, whole.columns);
});

test('a missing entity or time gives no profile; bad times are said; unknown columns too', async (context) => {
  const text = lines(
    'when,card,shop,amount,fraud',
    '2024-01-01,,s,1,0',
    ',c,s,2,0',
    '2024-01-01 12:00,c,s,3,0',
  );
  const table = await read(await withProfiles(await openedFile(context, 't.csv', text), options));
  assert.deepEqual(valuesOf(table, 'card: rows in 1 d'), [NaN, NaN, 1]);
  assert.deepEqual(valuesOf(table, 'shop: rows in 1 d'), [1, NaN, 2]);
  const dates = Array.from({ length: 20 }, (_, i) => `2024-01-${i + 10},c,s,1,0`);
  const bad = lines('when,card,shop,amount,fraud', ...dates, 'yesterday,c,s,1,0', '2024-02-01,c,s,oops,0');
  const strict = await withProfiles(await openedFile(context, 't.csv', bad), options);
  await rejectsWith(read(strict), 'BAD_DATA', /line 22, column 'when': expected a time, got 'yesterday'/);
  const lenient = await withProfiles(await openedFile(context, 't.csv', bad, { onBadRow: 'skip' }), options);
  assert.equal((await read(lenient)).count, 20);
  const source = await openedFile(context, 't.csv', csv(rows));
  await rejectsWith(
    withProfiles(source, { ...options, entities: ['crd'] }),
    'BAD_USAGE',
    /^--entity: expected a column of .+, got 'crd'; did you mean 'card'\?$/,
  );
});

const series = lines(
  'unit,cycle,a,b',
  ...Array.from({ length: 40 }, (_, i) => {
    const [unit, cycle] = [i % 2, Math.floor(i / 2)];
    return `u${unit},${20 - cycle},${unit === 0 ? 20 - cycle : (20 - cycle) ** 2},${unit}`;
  }),
);

test('windows summarise the last rows of each entity in order of time', async (context) => {
  const source = await openedFile(context, 't.csv', series);
  const given = windowOptions.parse({ size: 4, entity: 'unit', time: 'cycle', sensors: ['a'] });
  const { rows: table, total } = await readRows(withWindows(source, given), {
    columns: ['cycle', 'b', 'a: mean of 4', 'a: deviation of 4', 'a: slope of 4'].map((name) => ({
      name,
      kind: 'number',
      type: 'DOUBLE',
    })),
  });
  assert.equal(total, 2 * (20 - 3));
  for (let i = 0; i < total; i++) {
    const [cycle, unit] = ['cycle', 'b'].map((name) => valuesOf(table, name)[i] as number) as [
      number,
      number,
    ];
    const values = [3, 2, 1, 0].map((back) => (unit === 0 ? cycle - back : (cycle - back) ** 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / 4;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4);
    const slope = values.reduce((sum, value, k) => sum + (k - 1.5) * (value - mean), 0) / 5;
    for (const [name, expected] of [
      ['mean', mean],
      ['deviation', deviation],
      ['slope', slope],
    ] as const) {
      const got = valuesOf(table, `a: ${name} of 4`)[i] as number;
      assert.ok(Math.abs(got - expected) < 1e-3, `${name} of row ${i}: expected ${expected}, got ${got}`);
    }
  }
});

test('flat windows hold the values themselves, oldest first', async (context) => {
  const source = await openedFile(context, 't.csv', lines('v,w', '1,10', '2,20', '3,30', '4,40'));
  const windowed = withWindows(source, windowOptions.parse({ size: 3, sensors: ['v'], summary: 'flat' }));
  assert.deepEqual(
    windowed.columns.map(({ name }) => name),
    ['v', 'w', 'v, 2 before', 'v, 1 before'],
  );
  const table = await read(windowed);
  assert.deepEqual(
    table.columns.map(({ name }) => valuesOf(table, name)),
    [
      [1, 2],
      [2, 3],
    ],
  );
  failsWith(
    () => withWindows(source, { size: 3, sensors: ['q'], summary: 'stats' }),
    'BAD_USAGE',
    /^--sensor: expected a column/,
  );
});

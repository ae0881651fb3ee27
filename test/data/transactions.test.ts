// The transaction simulator: the same for a seed, in order, with habits and patterns of fraud that can be seen.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  fraudPatterns,
  type SimulationOptions,
  simulateTransactions,
  type Transaction,
  transactionColumns,
  transactionsCsv,
} from '../../src/data/transactions.ts';

const small: SimulationOptions = { seed: 1, customers: 300, terminals: 400, days: 30 };

const all = (options: SimulationOptions): Transaction[] =>
  [...simulateTransactions(options)].flatMap(({ transactions }) => transactions);
const digest = (options: SimulationOptions): string => {
  const hash = createHash('sha256');
  for (const text of transactionsCsv(options)) hash.update(text);
  return hash.digest('hex');
};
const shareOf = <Item>(items: readonly Item[], test: (item: Item) => boolean): number =>
  items.filter(test).length / items.length;
function groupRows(
  rows: readonly Transaction[],
  keyOf: (row: Transaction) => string,
): Map<string, Transaction[]> {
  const groups = new Map<string, Transaction[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
const hourOf = ({ time }: Transaction): number => Number(time.slice(11, 13));

test('the same seed gives the same bytes, another one others', () => {
  const first = digest(small);
  assert.equal(digest(small), first);
  assert.notEqual(digest({ ...small, seed: 2 }), first);
  assert.notEqual(digest({ ...small, seed: 'one' }), first);
});

test('more days go on where fewer ended, and another start moves only the dates', () => {
  const [short, long] = [all({ ...small, days: 5 }), all({ ...small, days: 8 })];
  assert.deepEqual(long.slice(0, short.length), short);
  // Eight weeks later: the same days of the week.
  const later = all({ ...small, days: 5, start: '2024-02-26' });
  assert.equal(later[0]!.time.slice(0, 10), '2024-02-26');
  assert.deepEqual(
    later.map(({ time, ...rest }) => ({ ...rest, clock: time.slice(10) })),
    short.map(({ time, ...rest }) => ({ ...rest, clock: time.slice(10) })),
  );
});

describe('the records', () => {
  const days = [...simulateTransactions(small)];
  const rows = days.flatMap(({ transactions }) => transactions);
  const normal = rows.filter((row) => row.is_fraud === 0);
  const of = (pattern: string) => rows.filter((row) => row.fraud_pattern === pattern);

  test('days follow each other, leap day included, and each holds its own', () => {
    assert.deepEqual(
      days.map(({ date }) => date),
      Array.from({ length: 30 }, (_, i) => `2024-01-${String(i + 1).padStart(2, '0')}`),
    );
    for (const { date, transactions } of days)
      assert.ok(transactions.every((row) => row.time.startsWith(date)));
    const leap = [...simulateTransactions({ ...small, days: 3, start: '2024-02-28' })];
    assert.deepEqual(
      leap.map(({ date }) => date),
      ['2024-02-28', '2024-02-29', '2024-03-01'],
    );
  });

  test('sorted by time, counted from 1, in ISO time', () => {
    for (const [i, row] of rows.entries()) {
      assert.equal(row.transaction_id, i + 1);
      assert.equal(new Date(row.time).toISOString().replace('.000', ''), row.time);
      assert.ok(i === 0 || rows[i - 1]!.time <= row.time);
    }
  });

  test('valid ids, amounts in cents, distances, labels that agree', () => {
    for (const row of rows) {
      assert.match(row.customer_id, /^C\d{3}$/);
      assert.match(row.terminal_id, /^T\d{3}$/);
      assert.ok(Number(row.customer_id.slice(1)) >= 1 && Number(row.customer_id.slice(1)) <= 300);
      assert.ok(Number(row.terminal_id.slice(1)) >= 1 && Number(row.terminal_id.slice(1)) <= 400);
      assert.ok(row.amount > 0 && Number(row.amount.toFixed(2)) === row.amount, `${row.amount}`);
      assert.ok(row.distance_km >= 0 && row.distance_km < 500);
      assert.equal(row.is_fraud === 0, row.fraud_pattern === 'none');
    }
    assert.equal(new Set(rows.map((row) => row.customer_id)).size, 300);
    const categoryOf = new Map(rows.map((row) => [row.terminal_id, row.category]));
    assert.ok(rows.every((row) => categoryOf.get(row.terminal_id) === row.category));
    assert.equal(new Set(categoryOf.values()).size, 8);
  });

  test('about two purchases a day each, near home, by day and in the evening', () => {
    const each = normal.length / 300 / 30;
    assert.ok(each > 1.6 && each < 2.4, `${each}`);
    assert.ok(shareOf(normal, (row) => row.distance_km < 25) > 0.95);
    assert.ok(shareOf(normal, (row) => hourOf(row) >= 8 && hourOf(row) < 23) > 0.9);
    assert.ok(shareOf(normal, (row) => hourOf(row) < 5) < 0.02);
    assert.ok(normal.every((row) => row.amount <= 950));
  });

  test('customers differ in what they pay and when', () => {
    const byCustomer = groupRows(normal, (row) => row.customer_id);
    const means = (value: (row: Transaction) => number): number[] =>
      [...byCustomer.values()]
        .filter((own) => own.length >= 20)
        .map((own) => own.reduce((sum, row) => sum + value(row), 0) / own.length)
        .sort((a, b) => a - b);
    const [amounts, hours] = [means((row) => row.amount), means(hourOf)];
    assert.ok(amounts.at(-10)! > 3 * amounts[9]!, `${amounts[9]} to ${amounts.at(-10)}`);
    assert.ok(hours.at(-10)! > hours[9]! + 2, `${hours[9]} to ${hours.at(-10)}`);
  });

  test('each pattern occurs and looks like what it is', () => {
    for (const pattern of fraudPatterns) assert.ok(of(pattern).length > 0, pattern);
    assert.ok(of('high_amount').every((row) => row.amount > 1200));
    assert.ok(of('card_testing').every((row) => row.amount <= 2));
    for (const burst of groupRows(
      of('card_testing'),
      (row) => row.customer_id + row.time.slice(0, 10),
    ).values()) {
      assert.ok(burst.length >= 6);
      const span = Date.parse(burst.at(-1)!.time) - Date.parse(burst[0]!.time);
      if (new Set(burst.map((row) => row.terminal_id)).size === 1) assert.ok(span <= 18 * 45_000);
    }
    assert.ok(of('unusual_place').every((row) => hourOf(row) >= 1 && hourOf(row) < 5));
    const distance = of('unusual_place').reduce((sum, row) => sum + row.distance_km, 0);
    assert.ok(distance / of('unusual_place').length > 50);
    // Both go on for days: fewer cards and terminals than frauds.
    for (const [pattern, key] of [['card', 'customer_id'] as const, ['terminal', 'terminal_id'] as const]) {
      const hit = groupRows(of(pattern), (row) => row[key]);
      assert.ok(hit.size < of(pattern).length / 2, `${pattern}: ${hit.size} of ${of(pattern).length}`);
    }
  });
});

test('the share of fraud is near the one asked for', () => {
  for (const fraud of [0.002, 0.008, 0.05, 0.2]) {
    const rows = all({ seed: 3, customers: 600, terminals: 800, days: 40, fraud });
    const share = shareOf(rows, (row) => row.is_fraud === 1);
    assert.ok(Math.abs(share / fraud - 1) < 0.25, `asked ${fraud}, got ${share}`);
  }
});

test('without fraud there is none, and what customers buy stays the same', () => {
  const [clean, usual] = [all({ ...small, fraud: 0 }), all(small)];
  assert.ok(clean.every((row) => row.is_fraud === 0));
  const key = (row: Transaction): string => `${row.time} ${row.customer_id} ${row.terminal_id} ${row.amount}`;
  const bought = new Set(clean.map(key));
  assert.ok(usual.every((row) => row.is_fraud === 1 || bought.has(key(row))));
});

test('one customer, one terminal, one day', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const rows = all({ seed, customers: 1, terminals: 1, days: 1, fraud: 0.2 });
    assert.ok(rows.every((row) => row.customer_id === 'C1' && row.terminal_id === 'T1'));
  }
});

test('CSV: the records in pieces, header first', () => {
  const seen: string[] = [];
  const options = { ...small, days: 4 };
  const pieces = [...transactionsCsv({ ...options, onDay: ({ date }) => seen.push(date) })];
  assert.ok(pieces.length > 4 && pieces.every((piece) => piece.endsWith('\n') && piece.length < 150_000));
  const [header, ...lines] = pieces.join('').trimEnd().split('\n');
  assert.equal(header, transactionColumns.join(','));
  const rows = all(options);
  assert.equal(lines.length, rows.length);
  for (const [i, line] of lines.entries()) {
    const cells = line.split(',');
    for (const [j, column] of transactionColumns.entries()) {
      const value = rows[i]![column];
      assert.equal(typeof value === 'number' ? Number(cells[j]) : cells[j], value);
    }
  }
  assert.equal(seen.length, 4);
});

test('options out of range are refused at once, in one line', () => {
  const wrong: readonly (readonly [Partial<Record<keyof SimulationOptions, unknown>>, RegExp])[] = [
    [{ customers: 0 }, /customers to be a whole number from 1 to 1,000,000, got 0/],
    [{ customers: 1.5 }, /customers/],
    [{ terminals: -3 }, /terminals/],
    [{ terminals: Number.NaN }, /terminals/],
    [{ days: 36_501 }, /days to be a whole number from 1 to 36,500, got 36501/],
    [{ fraud: -0.1 }, /fraud to be a share from 0 to 0.2/],
    [{ fraud: 0.21 }, /fraud/],
    [{ fraud: Number.NaN }, /fraud/],
    [{ start: '2024-02-30' }, /start to be a day such as 2024-01-31, got 2024-02-30/],
    [{ start: 'today' }, /start/],
    [{ start: '9999-12-31' }, /before the year 9900/],
    [{ seed: Number.NaN }, /seed/],
  ];
  for (const [change, message] of wrong) {
    const options = { ...small, ...change } as SimulationOptions;
    const refused = { name: 'OddityError', code: 'BAD_USAGE', message };
    assert.throws(() => simulateTransactions(options), refused);
    assert.throws(() => transactionsCsv(options), refused);
  }
});

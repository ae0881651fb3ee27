// What the tests of the server share: a small detector of transactions, and rows for it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableSet } from '../../src/data/table.ts';
import type { Detector } from '../../src/detect/detector.ts';
import { save } from '../../src/detect/storage.ts';
import { train } from '../../src/detect/train.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';

export interface Transaction {
  readonly amount: number | null;
  readonly hour: number;
  readonly country: string | null;
}

export const countries = ['DE', 'FR', 'PL'];

/** Transactions whose amount follows the hour; `shift` moves the amounts. */
export function transactions(count: number, seed: number | string, shift = 0): Transaction[] {
  const noise = fillNormal(new Float32Array(3 * count), createRandom(`transactions/${seed}`));
  return Array.from({ length: count }, (_, i) => {
    const hour = Math.round(Math.abs(noise[3 * i]! * 5 + 12)) % 24;
    const amount = Math.fround(20 + 2 * hour + 5 * noise[3 * i + 1]! + shift);
    return { amount, hour, country: countries[Math.floor(Math.abs(noise[3 * i + 2]!) * 1.5) % 3]! };
  });
}

export function tableOf(rows: readonly Transaction[]): TableSet {
  const numbers = (name: 'amount' | 'hour') => ({
    kind: 'number' as const,
    name,
    values: Float32Array.from(rows, (row) => row[name] ?? Number.NaN),
  });
  const codes = Int32Array.from(rows, ({ country }) => countries.indexOf(country ?? ''));
  const country = { kind: 'category' as const, name: 'country', codes, dictionary: countries };
  return { count: rows.length, columns: [numbers('amount'), numbers('hour'), country] };
}

export const trainTransactions = (seed = 1): Promise<Detector<TableSet>> =>
  train(tableOf(transactions(1500, seed)), {
    name: 'transactions',
    epochs: 2,
    seed,
    falseAlarmRate: 0.02,
    session: { threads: 1 },
  });

/** Trains and saves; the folder's name is the detector's. */
export async function saveTransactions(folder: string, seed = 1): Promise<void> {
  const detector = await trainTransactions(seed);
  await save(detector, folder);
  await detector.close();
}

export const scratch = (): string => mkdtempSync(join(tmpdir(), 'oddity-serve-'));
export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

// A simulator of card transactions with labelled fraud, so that examples and tests have such data without any secret.
// The idea is that of Le Borgne, Siblini, Lebichot and Bontempi, "Reproducible machine learning for credit card fraud
// detection - practical handbook" (2022), chapter 3; the habits and the patterns of fraud are richer here.
import { createRandom } from '../nn/random.ts';
import { createCity } from './transactions/city.ts';
import { createFraud } from './transactions/fraud.ts';
import { spendDay } from './transactions/habits.ts';
import { type PlannedSimulation, planSimulation } from './transactions/plan.ts';
import type { FraudPattern, Purchase } from './transactions/purchase.ts';

export { type FraudPattern, fraudPatterns } from './transactions/purchase.ts';

export interface SimulationOptions {
  /** Equal seeds give equal transactions. */
  readonly seed: number | string;
  /** 1 to 1,000,000. A customer pays about twice a day. */
  readonly customers: number;
  /** 1 to 1,000,000. */
  readonly terminals: number;
  /** 1 to 36,500. */
  readonly days: number;
  /** The first day, as 2024-01-31. 2024-01-01 unless given. */
  readonly start?: string;
  /** Share of transactions that are fraud, 0 to 0.2, met on average. 0.008 unless given. */
  readonly fraud?: number;
}

/** One card payment; the names are those of the CSV's columns. */
export interface Transaction {
  /** Counts from 1 in the order of time. */
  readonly transaction_id: number;
  /** UTC to the second: 2024-01-31T18:05:09Z. */
  readonly time: string;
  /** C and a number from 1, with leading zeros. */
  readonly customer_id: string;
  /** T and a number from 1, with leading zeros. */
  readonly terminal_id: string;
  /** Above 0, two decimals. */
  readonly amount: number;
  /** What the terminal's owner sells. */
  readonly category: string;
  /** From the customer's home to the terminal, two decimals. */
  readonly distance_km: number;
  readonly is_fraud: 0 | 1;
  readonly fraud_pattern: FraudPattern | 'none';
}

/** The transactions of one day, in the order of time. */
export interface TransactionDay {
  /** 2024-01-31 */
  readonly date: string;
  readonly transactions: readonly Transaction[];
}

/**
 * Simulates day after day; only one day is in memory. What customers buy does not depend on `fraud`, whose patterns
 * add transactions of their own or take over some of theirs. Throws BAD_USAGE at once for options out of range.
 */
export function simulateTransactions(options: SimulationOptions): Generator<TransactionDay, void> {
  return simulate(planSimulation(options));
}

function* simulate(plan: PlannedSimulation): Generator<TransactionDay, void> {
  const city = createCity(plan);
  const fraud = createFraud(city, plan);
  const [customerName, terminalName] = [nameIn('C', plan.customers), nameIn('T', plan.terminals)];
  let id = 0;
  for (let day = 0; day < plan.days; day++) {
    const date = new Date(plan.start + day * dayMilliseconds);
    const name = date.toISOString().slice(0, 10);
    const purchases = spendDay(city, date.getUTCDay(), createRandom(`transactions/${plan.seed}/day/${day}`));
    fraud.strike(day, purchases);
    const transactions = inOrderOfTime(purchases).map((purchase): Transaction => {
      const { customer, terminal, pattern } = purchase;
      return {
        transaction_id: ++id,
        time: `${name}T${clock(purchase.second)}Z`,
        customer_id: customerName(customer),
        terminal_id: terminalName(terminal),
        amount: Math.max(1, Math.round(purchase.amount * 100)) / 100,
        category: city.categoryOf(terminal),
        distance_km: Math.round(city.distance(customer, terminal) * 100) / 100,
        is_fraud: pattern === undefined ? 0 : 1,
        fraud_pattern: pattern ?? 'none',
      };
    });
    yield { date: name, transactions };
  }
}

const dayMilliseconds = 86_400_000;

/** Sorted by second; of equal ones the first made comes first. */
function inOrderOfTime(purchases: readonly Purchase[]): Purchase[] {
  // One number holds second and place, because typed arrays sort many times faster than objects.
  const keys = Float64Array.from(purchases, ({ second }, place) => second * 2 ** 32 + place).sort();
  return Array.from(keys, (key) => purchases[key % 2 ** 32] as Purchase);
}

function nameIn(letter: string, count: number): (index: number) => string {
  const digits = String(count).length;
  return (index) => letter + String(index + 1).padStart(digits, '0');
}

const twoDigits = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));

/** A second of the day as 18:05:09. */
function clock(second: number): string {
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60];
  return `${twoDigits[hours]}:${twoDigits[minutes]}:${twoDigits[second % 60]}`;
}

/** The columns of the CSV, in order. */
export const transactionColumns = [
  'transaction_id',
  'time',
  'customer_id',
  'terminal_id',
  'amount',
  'category',
  'distance_km',
  'is_fraud',
  'fraud_pattern',
] as const satisfies readonly (keyof Transaction)[];

export interface TransactionsCsvOptions extends SimulationOptions {
  /** Sees each day before its text is given out. */
  readonly onDay?: (day: TransactionDay) => void;
}

/** Rows in one piece of text. */
const rowsAtOnce = 1000;

/** The simulation as CSV, header first, in pieces of at most 1,000 rows. Throws BAD_USAGE at once. */
export function transactionsCsv(options: TransactionsCsvOptions): Generator<string, void> {
  return writeCsv(simulateTransactions(options), options.onDay);
}

function* writeCsv(
  days: Generator<TransactionDay, void>,
  onDay: TransactionsCsvOptions['onDay'],
): Generator<string, void> {
  yield `${transactionColumns.join(',')}\n`;
  for (const day of days) {
    onDay?.(day);
    for (let start = 0; start < day.transactions.length; start += rowsAtOnce) {
      let text = '';
      for (const row of day.transactions.slice(start, start + rowsAtOnce)) {
        text += `${row.transaction_id},${row.time},${row.customer_id},${row.terminal_id},${row.amount.toFixed(2)},${row.category},${row.distance_km.toFixed(2)},${row.is_fraud},${row.fraud_pattern}\n`;
      }
      yield text;
    }
  }
}

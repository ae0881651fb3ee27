// The simulator's options, checked and completed.
import { OddityError } from '../../errors.ts';

export interface PlannedSimulation {
  readonly seed: number | string;
  readonly customers: number;
  readonly terminals: number;
  readonly days: number;
  /** Midnight of the first day, milliseconds since 1970 (UTC). */
  readonly start: number;
  /** Share of transactions that are fraud. */
  readonly fraud: number;
}

/** The most that each count may be. */
const limits = { customers: 1_000_000, terminals: 1_000_000, days: 36_500 } as const;
const highestFraud = 0.2;

interface Options extends Omit<PlannedSimulation, 'start' | 'fraud'> {
  readonly start?: string;
  readonly fraud?: number;
}

/** Throws BAD_USAGE for what is out of range. */
export function planSimulation(options: Options): PlannedSimulation {
  const { seed, customers, terminals, days, start = '2024-01-01', fraud = 0.008 } = options;
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    refuse('seed', 'a number or a text', seed);
  }
  for (const [name, most] of Object.entries(limits)) {
    const value = options[name as keyof typeof limits];
    if (!(Number.isInteger(value) && value >= 1 && value <= most)) {
      refuse(name, `a whole number from 1 to ${most.toLocaleString('en-US')}`, value);
    }
  }
  if (!(fraud >= 0 && fraud <= highestFraud)) {
    refuse('fraud', `a share from 0 to ${highestFraud}, such as 0.008`, fraud);
  }
  return { seed, customers, terminals, days, start: midnight(start), fraud };
}

/** Midnight of a day written as 2024-01-31. */
function midnight(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse lets 30 February pass as 1 March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    refuse('start', 'a day such as 2024-01-31', text);
  }
  const latest = Date.UTC(9900, 0, 1);
  if (time >= latest) refuse('start', 'a day before the year 9900', text);
  return time;
}

function refuse(option: string, expected: string, got: unknown): never {
  throw new OddityError('BAD_USAGE', `expected ${option} to be ${expected}, got ${String(got)}`, {
    data: { option, got },
  });
}

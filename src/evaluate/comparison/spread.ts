// Values over seeds: their mean and spread, and whether two groups of them differ by more than it.

export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Standard deviation with n - 1; 0 for one value. */
  readonly deviation: number;
}

/** The spread of values; undefined for none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return { count, mean, min: Math.min(...values), max: Math.max(...values), deviation };
}

/** `mean ± standard deviation`, or the value where there is one. */
export const tellSpread = ({ mean, deviation, count }: Spread, format: (value: number) => string): string =>
  count > 1 ? `${format(mean)} ± ${format(deviation)}` : format(mean);

/** Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom. */
const students = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** Between whole degrees of freedom along their inverse, which errs upwards; ten stand for more. */
function studentLimit(freedom: number): number {
  const at = (whole: number): number => students[Math.min(students.length, Math.max(1, whole)) - 1] ?? 12.706;
  const low = Math.max(1, Math.floor(freedom));
  const share = (1 / Math.max(1, freedom) - 1 / (low + 1)) / (1 / low - 1 / (low + 1));
  return at(low + 1) + share * (at(low) - at(low + 1));
}

/**
 * Whether the means of two groups differ by more than chance, at 95 % by Welch's test (1947). One value alone is taken
 * to spread as the other group does (Crawford & Howell 1998); undefined for two of them, whose spread is unknown.
 */
export function differ(a: Spread, b: Spread): boolean | undefined {
  if (a.count < 2 && b.count < 2) return undefined;
  const isAlone = a.count < 2 || b.count < 2;
  const shared = a.count < 2 ? b.deviation : a.deviation;
  const [first, second] = [a, b].map(
    ({ count, deviation }) => (isAlone ? shared : deviation) ** 2 / count,
  ) as [number, number];
  if (first + second === 0) return a.mean !== b.mean;
  const freedom = isAlone
    ? Math.max(a.count, b.count) - 1
    : (first + second) ** 2 / (first ** 2 / (a.count - 1) + second ** 2 / (b.count - 1));
  return Math.abs(a.mean - b.mean) > studentLimit(freedom) * Math.sqrt(first + second);
}

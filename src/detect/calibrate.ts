// From a score to a promise: conformal p-values from held-out normal rows.
// Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World" (2005); Bates et al., "Testing for outliers
// with conformal p-values" (2023), eq. 1. A fresh normal row gets p <= a with probability at most a.
import { OddityError } from '../errors.ts';
import { add, constant, gatherRows, isPositive, multiply, subtract, toIndex } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';

/** The smallest false-alarm rate, at least `wanted`, that `count` calibration rows can promise. */
export const promisableRate = (wanted: number, count: number): number =>
  Math.max(wanted, roundUp(1 / (count + 1)));

/** p = (1 + #{calibration scores >= score}) / (1 + #calibration scores); `calibration` ascending. */
export function pValue(score: number, calibration: Float32Array): number {
  let [low, high] = [0, calibration.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((calibration[middle] ?? 0) < score) low = middle + 1;
    else high = middle;
  }
  return (1 + calibration.length - low) / (1 + calibration.length);
}

/**
 * `pValue` as a graph: scores [batch] -> [batch]. A binary search by float comparisons only, so it agrees with
 * `pValue` exactly, and costs the same for a hundred calibration rows as for a hundred thousand.
 */
export function pValueGraph(scores: Tensor, calibration: Float32Array): Tensor {
  const count = calibration.length;
  const levels = Math.ceil(Math.log2(count + 1));
  // Padded to a full tree by scores that no row exceeds.
  const padded = new Float32Array(2 ** levels).fill(largestFloat);
  padded.set(calibration);
  const table = constant(padded, [padded.length]);
  let below = multiply(scores, 0);
  for (let level = levels - 1; level >= 0; level--) {
    const step = 2 ** level;
    const pivot = gatherRows(table, toIndex(add(below, step - 1)));
    below = add(below, multiply(isPositive(subtract(scores, pivot)), step));
  }
  return multiply(add(multiply(below, -1), 1 + count), 1 / (1 + count));
}

const largestFloat = 3.4028234663852886e38;

/**
 * The score above which a row is an alarm at the rate asked for: rows with a score strictly above it, and no
 * others, have p <= rate. Throws BAD_USAGE for a rate that the calibration rows cannot promise.
 */
export function thresholdFor(falseAlarmRate: number, calibration: Float32Array): number {
  const count = calibration.length;
  if (!(falseAlarmRate > 0 && falseAlarmRate < 1)) {
    throw new OddityError('BAD_USAGE', `A false-alarm rate lies between 0 and 1, got ${falseAlarmRate}.`);
  }
  const allowed = Math.floor(falseAlarmRate * (count + 1) + 1e-9) - 1;
  if (allowed < 0) {
    throw new OddityError(
      'BAD_USAGE',
      `A false-alarm rate of ${falseAlarmRate} needs at least ${Math.ceil(1 / falseAlarmRate) - 1} calibration rows, ` +
        `this detector has ${count}; ask for ${roundUp(1 / (count + 1))} or more, or train on more rows.`,
    );
  }
  return calibration[count - 1 - allowed] ?? Number.POSITIVE_INFINITY;
}

/** Two significant digits, never less than `value`. */
function roundUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2));
}

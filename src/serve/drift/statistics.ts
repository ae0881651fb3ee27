// How far counts have moved from what was expected: Kolmogorov-Smirnov for p-values, the population stability index
// for columns. Pure arithmetic over histograms.

/** Largest distance between two cumulative distributions given as counts over the same bins. */
export function kolmogorovSmirnov(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  const [total, whole] = [sumOf(counts), sumOf(expected)];
  if (total === 0 || whole === 0) return 0;
  let [seen, awaited, largest] = [0, 0, 0];
  for (let bin = 0; bin < counts.length; bin++) {
    seen += (counts[bin] ?? 0) / total;
    awaited += (expected[bin] ?? 0) / whole;
    largest = Math.max(largest, Math.abs(seen - awaited));
  }
  return largest;
}

/**
 * Probability of a distance at least so large by chance, for samples of two sizes from one distribution: Kolmogorov's
 * limit with Stephens' correction (Press et al., "Numerical Recipes", 14.3).
 */
export function kolmogorovSmirnovChance(distance: number, rows: number, references: number): number {
  const size = (rows * references) / Math.max(1, rows + references);
  const root = Math.sqrt(size);
  const lambda = (root + 0.12 + 0.11 / Math.max(root, 1e-9)) * distance;
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let j = 1; j <= 100; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * j * j * lambda * lambda);
  return Math.min(1, Math.max(0, sum));
}

/**
 * Population stability index: sum of (p - q) ln(p / q) over bins, half a count added to each so that none is empty.
 * Banks read below 0.1 as stable and above 0.25 as moved (Siddiqi, "Credit Risk Scorecards", 2006).
 */
export function stabilityIndex(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  const bins = counts.length;
  const [total, whole] = [sumOf(counts) + bins / 2, sumOf(expected) + bins / 2];
  let index = 0;
  for (let bin = 0; bin < bins; bin++) {
    const p = ((counts[bin] ?? 0) + 0.5) / total;
    const q = ((expected[bin] ?? 0) + 0.5) / whole;
    index += (p - q) * Math.log(p / q);
  }
  return index;
}

export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}

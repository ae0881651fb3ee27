// Whether a training went steadily and ended well.
import type { ClassHistogram } from '../generation/modes.ts';
import type { Epoch } from './records.ts';
import { spreadOf } from './spread.ts';

/**
 * How much each loss part swings: the standard deviation of its change from epoch to epoch, into the last half of the
 * epochs that have it, over its mean absolute value there. A steady slope counts as no swing. Parts with fewer than
 * two such changes (under three epochs) are left out.
 */
export function lossOscillation(history: readonly Epoch[]): Record<string, number> {
  const names = [...new Set(history.flatMap(({ losses }) => Object.keys(losses)))];
  const oscillation: Record<string, number> = {};
  for (const name of names) {
    const values = history.flatMap(({ losses }) => losses[name] ?? []);
    const half = Math.max(1, Math.floor(values.length / 2));
    const late = values.slice(half);
    const changes = spreadOf(late.map((value, i) => value - (values[half + i - 1] ?? 0)));
    const size = late.reduce((sum, value) => sum + Math.abs(value), 0) / late.length;
    if (changes === undefined || changes.count < 2 || size === 0) continue;
    oscillation[name] = changes.deviation / size;
  }
  return oscillation;
}

/** The classes that samples effectively reach: exp of the histogram's entropy, 1 to the number of classes. */
export const effectiveClasses = ({ counts, divergence }: ClassHistogram): number =>
  counts.length * Math.exp(-divergence);

/**
 * A run counts as collapsed where its samples effectively reach fewer than half of the classes, or where over half of
 * them are near-duplicates of another (1 in 100 for real images).
 */
export function hasCollapsed({
  classes,
  nearDuplicates,
}: {
  readonly classes: ClassHistogram;
  readonly nearDuplicates: number;
}): boolean {
  return effectiveClasses(classes) < classes.counts.length / 2 || nearDuplicates > 0.5;
}

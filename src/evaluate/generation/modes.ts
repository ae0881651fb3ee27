// Whether samples reach every class, and whether some of them are the same image again.
import type { SpacedPoints } from './points.ts';

export interface ClassHistogram {
  /** Samples of each class, by the classifier's first choice. */
  readonly counts: readonly number[];
  /** Classes without a sample. */
  readonly missing: readonly number[];
  /** KL of the histogram from the uniform one in nats, with 0 log 0 = 0: 0 for equal shares, log(classes) for one class. */
  readonly divergence: number;
}

/** Counts the classes 0..classes-1 among `labels`. */
export function classHistogram(labels: ArrayLike<number>, classes: number): ClassHistogram {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i] ?? 0] = (counts[labels[i] ?? 0] ?? 0) + 1;
  const surprise = (count: number): number => {
    const share = count / labels.length;
    return share > 0 ? share * Math.log(share * classes) : 0;
  };
  return {
    counts,
    missing: counts.flatMap((count, label) => (count === 0 ? [label] : [])),
    divergence: counts.reduce((sum, count) => sum + surprise(count), 0),
  };
}

/**
 * Share of samples whose nearest other sample is closer than real images lie but once in `1 / quantile` times: the
 * threshold is that quantile of real images' distances to their nearest others. As many real images would score
 * `quantile` by construction, so a rate far above it means that the generator repeats itself. The sets should be
 * of equal size: nearest distances shrink as sets grow.
 */
export function nearDuplicateRate(samples: SpacedPoints, real: SpacedPoints, quantile = 0.01): number {
  const nearestOf = ({ nearest, neighbours }: SpacedPoints): Float32Array =>
    nearest.filter((_, i) => i % neighbours === 0);
  const threshold = nearestOf(real).sort()[Math.floor(quantile * real.count)] ?? 0;
  return nearestOf(samples).filter((distance) => distance < threshold).length / samples.count;
}

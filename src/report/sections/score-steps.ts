// Two sets of scores over shared bins, as step lines.

export interface ScoreSteps {
  readonly low: number;
  readonly high: number;
  /** [start of the bin, share in %], the last repeated at its end; empty where there are no such rows. */
  readonly normal: readonly (readonly [number, number])[];
  readonly anomalous: readonly (readonly [number, number])[];
}

const bins = 60;

/** Bins from the lowest to the highest score but for the far half percent of each set, which goes into the outer bins. */
export function histogramSteps(normal: Float32Array, anomalous: Float32Array, threshold: number): ScoreSteps {
  const ends = [normal, anomalous].flatMap((scores) => {
    const sorted = scores.filter(Number.isFinite).sort();
    const at = (share: number): number[] =>
      sorted.subarray(Math.round(share * (sorted.length - 1))).length > 0
        ? [sorted[Math.round(share * (sorted.length - 1))] as number]
        : [];
    return sorted.length === 0 ? [] : [...at(0.005), ...at(0.995)];
  });
  const [least, most] = [Math.min(...ends, threshold), Math.max(...ends, threshold)];
  const step = roundUp((most - least || Math.max(1, Math.abs(most))) / bins);
  const low = Math.floor(least / step) * step;
  const count = Math.max(1, Math.ceil((most - low) / step + 1e-9));
  const stepsOf = (scores: Float32Array): (readonly [number, number])[] => {
    if (scores.length === 0) return [];
    const counts = new Array<number>(count).fill(0);
    for (const score of scores) {
      const bin = Math.max(0, Math.min(count - 1, Math.floor((score - low) / step)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return [...counts, counts[count - 1] ?? 0].map(
      (each, i) => [low + i * step, (100 * each) / scores.length] as const,
    );
  };
  return { low, high: low + count * step, normal: stepsOf(normal), anomalous: stepsOf(anomalous) };
}

/** The next of 1, 2, 5 times a power of ten. */
function roundUp(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= step * 0.999) ?? 10);
}

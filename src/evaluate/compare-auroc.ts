// Whether two scores of the same rows differ in AUROC by more than chance: the rows that one finds hard, so does the other.
// DeLong, DeLong & Clarke-Pearson (1988), by midranks as in Sun & Xu (2014), algorithm 2.

export interface AurocDifference {
  /** The first area less the second. */
  readonly difference: number;
  /** Of the difference, over draws of as many rows; 0 where the two rank all rows alike. */
  readonly standardError: number;
}

/** Compares two scores (higher is more anomalous) of the same rows; both kinds of row must be there. */
export function compareAuroc(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  isAnomaly: ArrayLike<number>,
): AurocDifference {
  const rows = Array.from({ length: isAnomaly.length }, (_, row) => row);
  const anomalous = rows.filter((row) => isAnomaly[row]);
  const normal = rows.filter((row) => !isAnomaly[row]);
  const [a, b] = [first, second].map((scores) => placements(scores, anomalous, normal)) as [
    Placements,
    Placements,
  ];
  const [byAnomaly, byNormal] = (['anomalous', 'normal'] as const).map((kind) =>
    a[kind].map((each, i) => each - (b[kind][i] ?? 0)),
  ) as [Float64Array, Float64Array];
  return {
    difference: mean(byAnomaly),
    standardError: Math.sqrt(variance(byAnomaly) / anomalous.length + variance(byNormal) / normal.length),
  };
}

interface Placements {
  /** For each anomaly the share of normal rows that it scores above, ties half; their mean is the AUROC. */
  readonly anomalous: Float64Array;
  /** For each normal row the share of anomalies that score above it. */
  readonly normal: Float64Array;
}

function placements(
  scores: ArrayLike<number>,
  anomalous: readonly number[],
  normal: readonly number[],
): Placements {
  const of = (rows: readonly number[]): Float64Array => Float64Array.from(rows, (row) => scores[row] ?? 0);
  const [x, y] = [of(anomalous), of(normal)];
  const among = midranks(Float64Array.from([...x, ...y]));
  const [ownX, ownY] = [midranks(x), midranks(y)];
  return {
    anomalous: x.map((_, i) => ((among[i] ?? 0) - (ownX[i] ?? 0)) / y.length),
    normal: y.map((_, j) => 1 - ((among[x.length + j] ?? 0) - (ownY[j] ?? 0)) / x.length),
  };
}

/** Ranks from 1, equal values sharing the mean of theirs. */
function midranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = (start + 1 + end) / 2;
  }
  return ranks;
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: Float64Array): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return values.length > 1 ? squares / (values.length - 1) : 0;
}

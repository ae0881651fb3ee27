// Spearman's rank correlation: "The proof and measurement of association between two things" (1904).

/** Ranks from 1, the mean rank for values that are equal. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** The correlation of the ranks of two lists of equal length, -1..1; 0 where one of them is constant. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new RangeError(`Two lists of equal length, got ${a.length} and ${b.length}.`);
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length + 1) / 2;
  let [product, squareX, squareY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] ?? 0) - mean, (y[i] ?? 0) - mean];
    product += dx * dy;
    squareX += dx * dx;
    squareY += dy * dy;
  }
  return squareX === 0 || squareY === 0 ? 0 : product / Math.sqrt(squareX * squareY);
}

// The inverse of the normal distribution function: Acklam's rational approximation (2003) with one step of Halley's
// method against a complementary error function (Press et al., "Numerical Recipes", 3rd ed., section 6.2.2).

/** x with P(N(0, 1) <= x) = share, for a share in (0, 1); to about 1e-9. */
export function normalQuantile(share: number): number {
  if (!(share > 0 && share < 1)) throw new RangeError(`A share lies between 0 and 1, got ${share}.`);
  const first = approximation(share);
  const error = 0.5 * complementaryError(-first / Math.SQRT2) - share;
  const slope = error * Math.sqrt(2 * Math.PI) * Math.exp((first * first) / 2);
  return first - slope / (1 + (first * slope) / 2);
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

const centre = [
  [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ],
  [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
] as const;
const tail = [
  [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1],
] as const;

function approximation(share: number): number {
  const border = 0.02425;
  if (share < border || share > 1 - border) {
    const q = Math.sqrt(-2 * Math.log(Math.min(share, 1 - share)));
    const x = polynomial(tail[0], q) / polynomial(tail[1], q);
    return share < border ? x : -x;
  }
  const q = share - 0.5;
  return (q * polynomial(centre[0], q * q)) / polynomial(centre[1], q * q);
}

/** erfc(x), to 1.2e-7 of its value. */
function complementaryError(x: number): number {
  const t = 1 / (1 + Math.abs(x) / 2);
  const series = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368, -1.26551223,
  ];
  const value = t * Math.exp(-x * x + polynomial(series, t));
  return x >= 0 ? value : 2 - value;
}

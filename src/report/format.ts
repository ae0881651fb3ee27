// Numbers as readers like them: few digits, thousands apart, shares as percentages.

/** Three significant digits, thousands grouped: 0.0123, 1.5, 82.1, 12,300. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(1).replace('-', '−').replace('e+', 'e');
  return value.toLocaleString('en-US', { maximumSignificantDigits: size >= 1000 ? 4 : 3 }).replace('-', '−');
}

/** A share as a percentage of three significant digits, or an en dash where there is none: 0.1%, 93.1%. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '–';
  // Near 1 the difference from 1 is what matters: 99.97%, not 100%.
  const digits = share > 0.99 && share < 1 ? 4 : 3;
  return `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: digits })}%`;
}

/** A duration in words: 0.8 s, 42 s, 3 min 12 s, 2 h 5 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${formatNumber(Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// PyTorch's numbers, as reference.py wrote them.
import { readFileSync } from 'node:fs';

interface ConvolutionReference {
  readonly case: readonly [
    height: number,
    width: number,
    kernel: number,
    stride: number,
    padding: number,
    inputs: number,
    outputs: number,
  ];
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly gradientOfInput: readonly number[];
  readonly gradientOfKernel: readonly number[];
}
interface AdamReference {
  readonly rate: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly epsilon: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly averageDecay: number;
  readonly steps: number;
  readonly weights: readonly number[];
  readonly average: readonly number[];
}

export const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as {
  readonly convolve: readonly ConvolutionReference[];
  readonly convolveTransposed: readonly ConvolutionReference[];
  readonly adam: readonly AdamReference[];
};

/** The inputs of the reference: cos(slope i + offset). */
export const wave = (count: number, slope: number, offset: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.cos(slope * i + offset));

/** The largest absolute difference; NaN and a wrong length give NaN. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  return Math.max(0, ...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));
}

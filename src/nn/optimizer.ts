// Adam as graph operations, with decoupled weight decay, clipping by global norm and weight averaging.
// Kingma & Ba, "Adam" (2015), algorithm 1; Loshchilov & Hutter, "Decoupled weight decay" (2019), algorithm 2.
import { add, divide, maximum, multiply, reduceSum, sqrt, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay per step, in units of the learning rate; 0 leaves it out. */
  readonly weightDecay: number;
  /** Largest global norm of a gradient; 0 leaves clipping out. */
  readonly clipNorm: number;
  /** Share of the old average kept at each step, after a quicker start; 0 leaves averaging out. */
  readonly averageDecay: number;
}

export const adamDefaults: AdamOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
  averageDecay: 0,
};

/** What the optimiser keeps for one group of weights; `average` only where averaging is on. */
export interface AdamState {
  readonly weights: Tensor;
  /** First moment divided by (1 - beta1), second by (1 - beta2): two passes over memory fewer. */
  readonly first: Tensor;
  readonly second: Tensor;
  readonly average?: Tensor;
}

/** The numbers that change from step to step, fed as scalars. */
export interface AdamRates {
  readonly stepSize: number;
  readonly epsilon: number;
  readonly decay: number;
  /** Share of the new weights in their average. */
  readonly averageShare: number;
}

/** Bias correction and schedule of step `step` (from 1), in the scaling of `AdamState`. */
export function adamRates(step: number, learningRate: number, options: AdamOptions): AdamRates {
  const { beta1, beta2, epsilon, weightDecay, averageDecay } = options;
  const secondScale = Math.sqrt((1 - beta2 ** step) / (1 - beta2));
  return {
    stepSize: (learningRate * (1 - beta1) * secondScale) / (1 - beta1 ** step),
    epsilon: epsilon * secondScale,
    decay: learningRate * weightDecay,
    // At first the average forgets faster than it will, or it would remember the weights that training began with.
    averageShare: Math.max(1 - averageDecay, 9 / (9 + step)),
  };
}

/** A linear warm-up over `warmup` steps, then half a cosine from `peak` down to `peak * floor` at `total`. */
export function cosineSchedule(
  step: number,
  { peak, warmup, total, floor = 0 }: { peak: number; warmup: number; total: number; floor?: number },
): number {
  if (step <= warmup) return (peak * step) / Math.max(1, warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** One Adam step for every group; `rates` are scalar inputs named as in `AdamRates`. */
export function adamStep(
  states: readonly AdamState[],
  gradients: readonly Tensor[],
  rates: Readonly<Record<keyof AdamRates, Tensor>>,
  { beta1, beta2, weightDecay, clipNorm }: AdamOptions,
): AdamState[] {
  const norm = (): Tensor =>
    sqrt(gradients.map((g) => reduceSum(square(g))).reduce((sum, each) => add(sum, each)));
  const shrink = clipNorm > 0 ? divide(clipNorm, maximum(norm(), clipNorm)) : undefined;
  return states.map(({ weights, first, second, average }, i) => {
    const raw = gradients[i];
    if (raw === undefined) throw new RangeError(`Group ${i} has no gradient.`);
    const g = shrink === undefined ? raw : multiply(raw, shrink);
    const nextFirst = add(multiply(first, beta1), g);
    const nextSecond = add(multiply(second, beta2), square(g));
    const move = divide(multiply(nextFirst, rates.stepSize), add(sqrt(nextSecond), rates.epsilon));
    const decayed = weightDecay > 0 ? subtract(weights, multiply(weights, rates.decay)) : weights;
    const nextWeights = subtract(decayed, move);
    const next = { weights: nextWeights, first: nextFirst, second: nextSecond };
    if (average === undefined) return next;
    const drift = multiply(subtract(nextWeights, average), rates.averageShare);
    return { ...next, average: add(average, drift) };
  });
}

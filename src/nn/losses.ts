// Losses and divergences per row, in nats.
import { add, exp, multiply, reduceSum, softplus, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';

/** Binary cross-entropy of targets in [0, 1] under `logits`, elementwise: softplus(l) - l x. */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return subtract(softplus(logits), multiply(logits, targets));
}

/** -log N(x; mean, exp(logVar)), elementwise. */
export function gaussianNegativeLogLikelihood(x: Tensor, mean: Tensor, logVar: Tensor): Tensor {
  const scaled = multiply(square(subtract(x, mean)), exp(multiply(logVar, -1)));
  return multiply(add(add(scaled, logVar), Math.log(2 * Math.PI)), 0.5);
}

/** KL(N(mean, exp(logVar)) || N(0, 1)), elementwise (Kingma & Welling 2014, appendix B). */
export function gaussianKl(mean: Tensor, logVar: Tensor): Tensor {
  return multiply(subtract(add(square(mean), exp(logVar)), add(logVar, 1)), 0.5);
}

/** The sum over all axes but the first. */
export function sumPerRow(x: Tensor): Tensor {
  return reduceSum(
    x,
    x.shape.slice(1).map((_, i) => i + 1),
  );
}

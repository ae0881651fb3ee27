// The rows of a table as models see them: features, where a number is one value and a category is one-hot.
// A likelihood for each kind of column: Nazabal et al., "Handling incomplete heterogeneous data using VAEs" (2020),
// section 3. A variance for each value of each row: Kingma & Welling (2014), appendix C.2. Student's t for heavy tails: Takahashi et al., "Student-t variational autoencoder" (2018), eq. 6.
import {
  add,
  asinh,
  concat,
  exp,
  log,
  logSumExp,
  maximum,
  minimum,
  multiply,
  reshape,
  slice,
  softplus,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { gaussianNegativeLogLikelihood } from '../nn/losses.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Domain, Likelihood } from './domain.ts';
import { unwhiten, type Whitening, whiten } from './whitening.ts';

/** A run of features that belong together: numbers side by side, or the places of one category. */
export interface Segment {
  readonly kind: 'numbers' | 'category';
  readonly start: number;
  readonly length: number;
}

/** Training rows farther out than this, in coordinates of variance 1, are pulled in: one must not outweigh a thousand. */
const trainingReach = 8;
const clamp = (x: Tensor): Tensor => minimum(maximum(x, -trainingReach), trainingReach);

/** A decoder may be so sure of a number, in coordinates of variance 1, and no surer. */
const leastLogScale = Math.log(0.05);

/** Degrees of freedom of Student's t: heavy tails with a finite variance. */
const freedom = 4;
/** log of Gamma((v + 1) / 2) / (Gamma(v / 2) sqrt(v pi)) for v = 4. */
const studentConstant = Math.log(0.375);

/** -log of Student's t density with mean `mean` and scale exp(logScale), elementwise. */
function studentNegativeLogLikelihood(x: Tensor, mean: Tensor, logScale: Tensor): Tensor {
  const scaled = multiply(square(subtract(x, mean)), exp(multiply(logScale, -2)));
  const tail = multiply(log(add(multiply(scaled, 1 / freedom), 1)), (freedom + 1) / 2);
  return add(add(tail, logScale), -studentConstant);
}

/**
 * The domain of a table's features, whose segments lie side by side and cover them all. Networks see the numbers, and
 * draw them, in the coordinates of `whitening`; so a likelihood with a scale for each coordinate knows of correlations.
 */
export function tableDomain(segments: readonly Segment[], whitening?: Whitening): Domain {
  const size = segments.reduce((sum, { length }) => sum + length, 0);
  const bySegment = (
    x: Tensor,
    numbers: (x: Tensor, start: number) => Tensor,
    category: (x: Tensor) => Tensor,
  ): Tensor =>
    concat(
      segments.map(({ kind, start, length }) => {
        const part = slice(x, 1, start, start + length);
        return kind === 'numbers' ? numbers(part, start) : category(part);
      }),
      1,
    );
  const toCoordinates = (x: Tensor): Tensor => (whitening === undefined ? x : whiten(x, whitening));
  const toNumbers = (z: Tensor): Tensor => (whitening === undefined ? z : unwhiten(z, whitening));
  /** Rows of any shape; the features are the last axis, and all others but the first have length 1. */
  const withNumbers = (rows: Tensor, change: (numbers: Tensor, start: number) => Tensor): Tensor => {
    const flat = reshape(rows, [rows.shape[0] ?? 1, size]);
    return reshape(
      bySegment(flat, change, (x) => x),
      rows.shape,
    );
  };
  /** Far values, which no training row had, must not drive a network to where its outputs overflow. */
  const see = (rows: Tensor): Tensor => withNumbers(rows, (x) => asinh(toCoordinates(x)));
  const logSoftmax = (logits: Tensor): Tensor => subtract(logits, logSumExp(logits, 1, true));

  const numbers = segments.find(({ kind }) => kind === 'numbers')?.length ?? 0;
  /** Numbers by a law of their own, categories by their cross-entropy. */
  const perColumn =
    (law: (scope: Scope, x: Tensor, logits: Tensor) => Tensor): Likelihood =>
    (scope, logits, targets) =>
      concat(
        segments.map(({ kind, start, length }) => {
          const x = slice(targets, 1, start, start + length);
          if (kind === 'numbers') return law(scope, toCoordinates(x), logits);
          return multiply(multiply(logSoftmax(slice(logits, 1, start, start + length)), x), -1);
        }),
        1,
      );
  /** The decoder says how sure it is of each number, but never surer than a scale of 0.05. */
  const gaussian = perColumn((scope, x, logits) => {
    const base = scope.parameter('decoder.logScale', [numbers], { kind: 'zeros' });
    const wanted = add(slice(logits, 1, size, size + numbers), base);
    const logScale = add(softplus(subtract(wanted, leastLogScale)), leastLogScale);
    return gaussianNegativeLogLikelihood(x, slice(logits, 1, 0, numbers), multiply(logScale, 2));
  });
  const student = perColumn((scope, x, logits) => {
    const logScale = scope.parameter('decoder.logScale', [numbers], { kind: 'zeros' });
    return studentNegativeLogLikelihood(x, slice(logits, 1, 0, numbers), logScale);
  });
  return {
    kind: 'table',
    shape: [1, 1, size],
    storage: 'float32',
    open: (features) => withNumbers(features, (x) => toNumbers(clamp(toCoordinates(x)))),
    see,
    perturb: (rows, noise) =>
      withNumbers(rows, (x, start) => {
        const flat = slice(reshape(noise, [noise.shape[0] ?? 1, size]), 1, start, start + numbers);
        return toNumbers(add(toCoordinates(x), flat));
      }),
    outputs: size + numbers,
    activate: (logits) => bySegment(logits, toNumbers, (x) => exp(logSoftmax(x))),
    centre: see,
    likelihoods: { gaussian, student },
    likelihood: 'gaussian',
  };
}

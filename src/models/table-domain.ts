// The rows of a table as models see them: features, where a number is one value and a category is one-hot.
// A likelihood for each kind of column: Nazabal et al., "Handling incomplete heterogeneous data using VAEs" (2020),
// section 3. Student's t for heavy tails: Takahashi et al., "Student-t variational autoencoder" (2018), eq. 6.
import { add, concat, exp, log, logSumExp, multiply, slice, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { gaussianNegativeLogLikelihood } from '../nn/losses.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Domain, Likelihood } from './domain.ts';

/** A run of features that belong together: numbers side by side, or the places of one category. */
export interface Segment {
  readonly kind: 'numbers' | 'category';
  readonly start: number;
  readonly length: number;
}

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

/** The domain of a table's features, whose segments lie side by side and cover them all. */
export function tableDomain(segments: readonly Segment[]): Domain {
  const size = segments.reduce((sum, { length }) => sum + length, 0);
  const bySegment = (x: Tensor, numbers: (x: Tensor) => Tensor, category: (x: Tensor) => Tensor): Tensor =>
    concat(
      segments.map(({ kind, start, length }) => {
        const part = slice(x, 1, start, start + length);
        return kind === 'numbers' ? numbers(part) : category(part);
      }),
      1,
    );
  const logSoftmax = (logits: Tensor): Tensor => subtract(logits, logSumExp(logits, 1, true));

  /** Numbers by a law whose scale is learnt for each column, categories by their cross-entropy. */
  const perColumn =
    (law: (x: Tensor, mean: Tensor, scale: Tensor) => Tensor, start: number): Likelihood =>
    (scope: Scope, logits, targets) => {
      const scales = scope.parameter('decoder.scale', [size], { kind: 'constant', value: start });
      return concat(
        segments.map(({ kind, start: from, length }) => {
          const [x, y] = [slice(targets, 1, from, from + length), slice(logits, 1, from, from + length)];
          if (kind === 'category') return multiply(multiply(logSoftmax(y), x), -1);
          return law(x, y, slice(scales, 0, from, from + length));
        }),
        1,
      );
    };
  return {
    kind: 'table',
    shape: [1, 1, size],
    storage: 'float32',
    open: (features) => features,
    activate: (logits) =>
      bySegment(
        logits,
        (x) => x,
        (x) => exp(logSoftmax(x)),
      ),
    centre: (features) => features,
    likelihoods: {
      gaussian: perColumn(gaussianNegativeLogLikelihood, 0),
      student: perColumn(studentNegativeLogLikelihood, 0),
    },
    likelihood: 'gaussian',
  };
}

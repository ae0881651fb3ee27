// What one row is to a model: the shape that networks see, how rows are kept while training, and what a network's raw
// outputs mean. Images and tables differ here, and nowhere else in this room.
import type { ImageShape } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Scope } from '../nn/parameters.ts';

export const likelihoodNames = ['bernoulli', 'gaussian', 'student'] as const;
export type LikelihoodName = (typeof likelihoodNames)[number];

/** -log p(row | raw outputs [batch, outputs]) of each value [batch, size]; may learn a scale of its own from `scope`. */
export type Likelihood = (scope: Scope, logits: Tensor, targets: Tensor) => Tensor;

export interface Domain {
  readonly kind: 'images' | 'table';
  /** Of one row as networks see it; the features of a table are the channels of one pixel. */
  readonly shape: ImageShape;
  /** How rows are kept while training: bytes, or numbers that are ready for use. */
  readonly storage: 'uint8' | 'float32';
  /** Rows as they are kept, in any shape, as models see them. */
  open(stored: Tensor): Tensor;
  /** Rows, in any shape, as encoders like to see them. */
  see(rows: Tensor): Tensor;
  /** Rows with noise of their own shape added, in the coordinates that networks draw in; categories stay as they are. */
  perturb(rows: Tensor, noise: Tensor): Tensor;
  /** Raw outputs of a decoder for one row: one for each value, then those that a likelihood wants besides. */
  readonly outputs: number;
  /** A network's raw outputs [batch, outputs] as rows [batch, size]: what is expected of each value. */
  activate(logits: Tensor): Tensor;
  /** Rows, in any shape, on a scale around 0, as adversaries like them. */
  centre(rows: Tensor): Tensor;
  readonly likelihoods: Readonly<Partial<Record<LikelihoodName, Likelihood>>>;
  /** The likelihood unless told otherwise. */
  readonly likelihood: LikelihoodName;
}

/** Values in one row. */
export const sizeOf = ({ shape }: Domain): number => shape[0] * shape[1] * shape[2];

/** The likelihood of that name, or the domain's own. Throws BAD_USAGE where the domain has none of that name. */
export function likelihoodOf({ likelihoods, likelihood, kind }: Domain, name = likelihood): Likelihood {
  const found = likelihoods[name];
  if (found !== undefined) return found;
  throw new OddityError(
    'BAD_USAGE',
    `expected a likelihood for ${kind} (${Object.keys(likelihoods).join(', ')}), got '${name}'; leave it out for ${likelihood}`,
  );
}

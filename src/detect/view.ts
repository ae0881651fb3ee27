// What a trained model and the fixed edge description see in a row: the raw material of every score.
import {
  add,
  broadcastLike,
  constant,
  divide,
  isPositive,
  minimum,
  multiply,
  reduceSum,
  reshape,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sizeOf } from '../models/domain.ts';
import type { GenerativeModel, Perception } from '../models/model.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Modality } from './modality.ts';
import type { View } from './terms.ts';

/**
 * Views of a modality's rows, one for each member of an ensemble (each member is a scope of weights). A conditional
 * model takes a row for one of `classes`, those that it was trained on.
 */
export function viewsOf(
  { rows, ...modality }: Modality,
  model: GenerativeModel,
  members: readonly Scope[],
  classes: readonly number[] = Array.from({ length: model.classes }, (_, label) => label),
): View[] {
  const { domain } = model;
  const edges = modality.edges?.(rows);
  const values = reshape(rows, ['batch', sizeOf(domain)]);
  return members.map((scope) => {
    const perception =
      model.classes > 0 && !model.infersClass
        ? perceiveNearestClass(model, scope, rows, classes)
        : model.perceive(scope, rows);
    const reconstructedEdges = modality.edges?.(
      reshape(perception.reconstruction, ['batch', ...domain.shape]),
    );
    return {
      shape: domain.shape,
      values,
      ...(domain.kind === 'table' ? { residual: subtract(values, perception.reconstruction) } : {}),
      ...(edges === undefined ? {} : { edges }),
      ...(reconstructedEdges === undefined ? {} : { reconstructedEdges }),
      perception,
    };
  });
}

/** A conditional model looks at an image as each class in turn; the class that explains it best is kept. */
function perceiveNearestClass(
  model: GenerativeModel,
  scope: Scope,
  rows: Tensor,
  classes: readonly number[],
): Perception {
  const column = (x: Tensor): Tensor => reshape(x, ['batch', 1]);
  const seen = classes.map((label) => {
    const oneHot = new Float32Array(model.classes);
    oneHot[label] = 1;
    const like = multiply(reduceSum(reshape(rows, ['batch', sizeOf(model.domain)]), [1], true), 0);
    const labels = add(like, constant(oneHot, [model.classes]));
    const perception = model.perceive(scope, rows, labels);
    const surprise = reduceSum(perception.negativeLogLikelihood ?? perception.reconstruction, [1]);
    return { perception, cost: column(add(surprise, perception.divergence ?? multiply(surprise, 0))) };
  });
  const best = seen.map(({ cost }) => cost).reduce((a, b) => minimum(a, b));
  const chosen = seen.map(({ cost }) => subtract(1, isPositive(subtract(cost, best))));
  const ties = chosen.reduce((a, b) => add(a, b));
  const pick = (of: (perception: Perception) => Tensor | undefined): Tensor | undefined => {
    const parts = seen.map(({ perception }) => of(perception));
    if (parts[0] === undefined) return undefined;
    const flat = parts[0].shape.length === 1;
    const mixed = parts
      .map((part, i) => {
        const rows = flat ? column(part as Tensor) : (part as Tensor);
        return multiply(rows, broadcastLike(divide(chosen[i] as Tensor, ties), rows));
      })
      .reduce((a, b) => add(a, b));
    return flat ? reshape(mixed, ['batch']) : mixed;
  };
  const optional = {
    divergence: pick((p) => p.divergence),
    negativeLogLikelihood: pick((p) => p.negativeLogLikelihood),
    bound: pick((p) => p.bound),
    features: pick((p) => p.features),
    reconstructedFeatures: pick((p) => p.reconstructedFeatures),
    returnedLatent: pick((p) => p.returnedLatent),
    realness: pick((p) => p.realness),
  };
  // Ties go to the later class, as rarely as equal floats are met.
  const closestClass = chosen.reduce<Tensor>(
    (last, isChosen, i) => add(multiply(last, subtract(1, isChosen)), multiply(isChosen, classes[i] ?? 0)),
    multiply(best, 0),
  );
  return {
    closestClass: reshape(closestClass, ['batch']),
    latent: pick((p) => p.latent) as Tensor,
    reconstruction: pick((p) => p.reconstruction) as Tensor,
    ...(Object.fromEntries(Object.entries(optional).filter(([, tensor]) => tensor !== undefined)) as object),
  };
}

// The table of classical baselines, by the names under which reports list them.
import type { Baseline } from './baseline.ts';
import { ecod } from './ecod.ts';
import { isolationForest } from './isolation-forest.ts';
import { knn } from './knn.ts';
import { mahalanobis } from './mahalanobis.ts';
import { pcaResidual } from './pca-residual.ts';

export type { Baseline, BaselineOptions, DenseRows, Scorer } from './baseline.ts';
export { pcaResidualOf } from './pca-residual.ts';
export { fitQuantileNormal, fitStandardScaling, type Scaling } from './scaling.ts';

export const baselines = { pcaResidual, mahalanobis, knn, isolationForest, ecod } satisfies Record<
  string,
  Baseline
>;
export type BaselineName = keyof typeof baselines;

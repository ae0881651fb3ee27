// How far a row lies from the plane of the widest principal components.
// Shyu, Chen, Sarinnapakorn and Chang, "A novel anomaly detection scheme based on principal component classifier" (2003).
import type { Baseline } from './baseline.ts';
import { checkRows } from './dense-rows.ts';
import {
  fitPrincipalComponents,
  type PrincipalComponents,
  projectRows,
  squaredLength,
} from './principal-components.ts';

/** The share of the variance that the components explain where their number is not given. */
const explained = 0.9;

/** One direction in which the training rows vary is always left over: else narrow tables had no residual at all. */
function countComponents({ variances, total }: PrincipalComponents, asked: number | undefined): number {
  const most = Math.max(0, variances.length - 1);
  if (asked !== undefined) return Math.min(asked, most);
  let [sum, count] = [0, 0];
  while (count < most && sum <= explained * total) sum += variances[count++] ?? 0;
  return count;
}

/**
 * Scores by the squared length of what `components` principal components leave unexplained; by default as many as
 * explain 90 % of the variance (scikit-learn's `PCA(n_components=0.9)`), at most one less than the rank of the
 * training rows. Training rows that are all equal leave the squared distance to them.
 */
export function pcaResidualOf(components?: number): Baseline {
  const kept = components === undefined ? '' : `, ${components} components`;
  return {
    title: `PCA residual${kept} (Shyu et al. 2003)`,
    async fit(training, { signal }) {
      checkRows(training, { least: 1 });
      const found = await fitPrincipalComponents(training, signal);
      const count = countComponents(found, components);
      return async (rows) => {
        checkRows(rows, { width: training.width });
        const scores = new Float32Array(rows.count);
        const visit = (row: number, centred: Float64Array, coordinates: Float64Array): void => {
          // Pythagoras; rounding in float64 is 1e-16 of the whole.
          scores[row] = Math.max(0, squaredLength(centred) - squaredLength(coordinates));
        };
        await projectRows(rows, found, count, visit, signal);
        return scores;
      };
    },
  };
}

export const pcaResidual = pcaResidualOf();

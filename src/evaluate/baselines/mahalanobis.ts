// Distance from the mean in units of the spread along each direction.
// Mahalanobis, "On the generalised distance in statistics" (1936).
import { OddityError } from '../../errors.ts';
import type { Baseline } from './baseline.ts';
import { checkRows } from './dense-rows.ts';
import { fitPrincipalComponents, projectRows } from './principal-components.ts';

/**
 * Scores by the squared Mahalanobis distance: the squared length of scikit-learn's `PCA(whiten=True)` coordinates.
 * Directions in which the training rows vary less than 1e-9 of the largest variance are left out, whatever a row
 * does there. Throws BAD_DATA where the training rows are all equal.
 */
export const mahalanobis: Baseline = {
  title: 'Mahalanobis distance (Mahalanobis 1936)',
  async fit(training, { signal }) {
    checkRows(training, { least: 1 });
    const found = await fitPrincipalComponents(training, signal);
    const { variances } = found;
    if (variances.length === 0) {
      throw new OddityError(
        'BAD_DATA',
        `expected training rows that differ, got ${training.count} equal; give rows with some spread`,
        { data: { count: training.count } },
      );
    }
    return async (rows) => {
      checkRows(rows, { width: training.width });
      const scores = new Float32Array(rows.count);
      const visit = (row: number, _: Float64Array, coordinates: Float64Array): void => {
        scores[row] = coordinates.reduce((sum, value, k) => sum + (value * value) / (variances[k] ?? 1), 0);
      };
      await projectRows(rows, found, variances.length, visit, signal);
      return scores;
    };
  },
};

// What a label column says: which of its values mean normal, and so which rows are anomalies.
// Free of Node: the same words mean the same in a browser.
import { OddityError } from '../../errors.ts';
import type { CategoryColumn } from '../table.ts';

export interface JudgedLabels {
  /** 1 where a row is labelled an anomaly. */
  readonly isAnomaly: Uint8Array;
  /** 0 where the label is missing. */
  readonly isLabelled: Uint8Array;
  readonly counts: { readonly normal: number; readonly anomalous: number; readonly unlabelled: number };
  /** The values taken as normal. */
  readonly normal: readonly string[];
}

/**
 * Tells normal rows from anomalies: by `normal`, or by names that speak for themselves (0 and 1, false and true,
 * 'normal' and other words).
 * @throws OddityError BAD_USAGE for unknown or ambiguous values, listing the choices; BAD_DATA where no row is normal.
 */
export function judgeLabels(
  _label: CategoryColumn,
  _options: { readonly normal?: readonly string[] } = {},
): JudgedLabels {
  throw new OddityError('UNSUPPORTED', 'judgeLabels: not written yet');
}

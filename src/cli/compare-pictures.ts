// The pictures of a comparison.
import type { Comparison, Exhibits, RealExhibits } from '../evaluate/comparison/records.ts';

/** What pictures are made of beside the numbers; filled as the work goes on. */
export interface Material {
  real?: RealExhibits;
  readonly exhibits: Exhibits[];
}

export async function drawComparison(_: Comparison, __: Material, ___: string): Promise<void> {}

// Which rows of a stream of unknown length are kept, each with the same chance.
import type { Random } from '../../nn/random.ts';

export interface Reservoir {
  /** The place of the row, counted from 0 and asked for in order past the first `size`; undefined where it is passed over. */
  slotFor(row: number): number | undefined;
  /** The row that each place holds after `total` rows. */
  rowNumbers(total: number): Float64Array;
}

/** Keeps `size` rows. Source: algorithm L (Li 1994), which draws once for each row kept, not for each row seen. */
export function createReservoir(size: number, random: Random): Reservoir {
  const held = new Map<number, number>();
  // Uniform draws are 32 bits and may be 0, whose logarithm is not finite.
  const draw = (): number => random.uniform() + 2 ** -33;
  let weight = Math.exp(Math.log(draw()) / size);
  const skip = (): number => Math.floor(Math.log(draw()) / Math.log1p(-weight)) + 1;
  let next = size - 1 + skip();
  return {
    slotFor(row) {
      if (row !== next) return undefined;
      const slot = random.integer(size);
      held.set(slot, row);
      weight *= Math.exp(Math.log(draw()) / size);
      next += skip();
      return slot;
    },
    rowNumbers: (total) =>
      Float64Array.from({ length: Math.min(size, total) }, (_, slot) => held.get(slot) ?? slot),
  };
}

// A few of many: evenly spaced, or drawn at random.
import { createRandom, permutation } from '../../nn/random.ts';

/** At most `most` items in their order, evenly spaced, the first and the last among them. */
export function evenly<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  if (most < 2) return items.slice(0, most);
  return Array.from(
    { length: most },
    (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))] as Item,
  );
}

/** At most `most` of `count` rows, drawn at random by `key`, in their order. */
export function rowsInOrder(count: number, most: number, key: string): number[] {
  if (count <= most) return Array.from({ length: count }, (_, row) => row);
  return [...permutation(count, createRandom(key)).subarray(0, most)].sort((a, b) => a - b);
}

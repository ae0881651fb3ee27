// Material for pictures: what a model draws, where its codes lie, and walks between images of different classes.
import type { ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';
import type { ModelName } from '../../models/index.ts';
import type { Points } from '../generation/points.ts';
import type { Generator } from './generator.ts';
import { principalPlane } from './plane.ts';
import type { Exhibits, RealExhibits } from './records.ts';

const shown = 36;
const mostWalks = 3;
const stops = 10;

/** Test images to show, and those to walk between: the first of classes 0 and 1, of 2 and 3, and so on. */
export function realExhibits(test: ImageSet): RealExhibits {
  const labels = test.labels ?? new Uint8Array();
  const present = [...new Set(labels)].sort((a, b) => a - b);
  const firstOf = present.map((label) => labels.indexOf(label));
  const walks = Math.min(mostWalks, Math.floor(present.length / 2));
  const ends = (side: number) => firstOf.filter((_, i) => i % 2 === side).slice(0, walks);
  const { labels: _, ...samples } = selectRows(test, firstRows(test, shown));
  return { samples, from: selectRows(test, ends(0)), to: selectRows(test, ends(1)) };
}

/** Material of one trained model; `codes` are those of `test`. */
export async function makeExhibits(
  model: ModelName,
  generator: Generator,
  samples: ImageSet,
  codes: Points,
  labels: Uint8Array,
  { from, to }: RealExhibits,
  classes: number,
): Promise<Exhibits> {
  return {
    model,
    samples: selectRows(samples, firstRows(samples, shown)),
    plane: { ...principalPlane(codes), labels },
    walks: { images: await walk(generator, from, to, classes), stops },
  };
}

/** Straight walks in code space; a conditional model's label walks along. */
async function walk(generator: Generator, from: ImageSet, to: ImageSet, classes: number): Promise<ImageSet> {
  const [start, end] = [(await generator.encode(from)).codes, (await generator.encode(to)).codes];
  const { count, dimension } = start;
  const values = new Float32Array(count * stops * dimension);
  const labels = new Float32Array(count * stops * classes);
  for (let row = 0; row < count * stops; row++) {
    const pair = Math.floor(row / stops);
    const t = (row % stops) / (stops - 1);
    for (let i = 0; i < dimension; i++) {
      const [a, b] = [start.values[pair * dimension + i] ?? 0, end.values[pair * dimension + i] ?? 0];
      values[row * dimension + i] = (1 - t) * a + t * b;
    }
    if (classes === 0) continue;
    labels[row * classes + (from.labels?.[pair] ?? 0)] = 1 - t;
    labels[row * classes + (to.labels?.[pair] ?? 0)] = t;
  }
  return generator.decode({ count: count * stops, dimension, values }, labels);
}

const firstRows = ({ count }: ImageSet, most: number): number[] =>
  Array.from({ length: Math.min(count, most) }, (_, i) => i);

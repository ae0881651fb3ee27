// Rows that random cuts set apart early. Liu, Ting and Zhou, "Isolation forest" (2008), section 4,
// with scikit-learn's details: columns that are constant in a node are never cut, and depth is limited.
import { createRandom, type Random } from '../../nn/random.ts';
import type { Baseline, DenseRows } from './baseline.ts';
import { checkRows, createBreather } from './dense-rows.ts';

export interface IsolationForestOptions {
  /** 200 unless given. */
  readonly trees?: number;
  /** Rows that each tree sees, drawn without replacement. 256 unless given; at most the training rows. */
  readonly sample?: number;
}

/** Nodes in the order of their making; a leaf has no column. */
interface Tree {
  /** The column that is cut, or -1. */
  readonly column: number[];
  /** Rows at or below it go to `left`, others to the node after that one; in a leaf, the path's whole length. */
  readonly value: number[];
  readonly left: number[];
}

/**
 * Scores by 2^(-mean path length / averagePathLength(sample)), scikit-learn's `-score_samples`: 0.5 for rows like
 * most, towards 1 for rows that few cuts set apart.
 */
export function createIsolationForest({ trees = 200, sample = 256 }: IsolationForestOptions = {}): Baseline {
  return {
    title: 'Isolation forest (Liu et al. 2008)',
    async fit(training, { seed, signal }) {
      checkRows(training, { least: 1 });
      const { width } = training;
      const size = Math.min(sample, training.count);
      const breathe = createBreather(signal);
      const forest: Tree[] = [];
      for (let i = 0; i < trees; i++) {
        await breathe();
        forest.push(growTree(training, size, createRandom(`isolation-forest/${seed}/${i}`)));
      }
      const usual = averagePathLength(size) * trees;
      return async (rows) => {
        checkRows(rows, { width });
        const lengths = new Float64Array(rows.count);
        for (const tree of forest) {
          await breathe();
          addPathLengths(tree, rows, lengths);
        }
        // A single training row leaves nothing to compare with: scikit-learn calls every row average then.
        return Float32Array.from(lengths, (length) => 2 ** -(usual === 0 ? 1 : length / usual));
      };
    },
  };
}

export const isolationForest = createIsolationForest();

/** Mean length of an unsuccessful search in a random binary tree of `size` rows: c(n) in Liu et al., equation 1. */
export function averagePathLength(size: number): number {
  if (size <= 1) return 0;
  if (size === 2) return 1;
  const eulerGamma = 0.5772156649015329;
  return 2 * (Math.log(size - 1) + eulerGamma) - (2 * (size - 1)) / size;
}

function growTree(training: DenseRows, size: number, random: Random): Tree {
  const { values, width } = training;
  const tree: Tree = { column: [-1], value: [0], left: [-1] };
  const rows = drawRows(training.count, size, random);
  const limit = Math.ceil(Math.log2(Math.max(size, 2)));
  const order = Uint32Array.from({ length: width }, (_, column) => column);

  const grow = (node: number, start: number, end: number, depth: number): void => {
    const cut = depth < limit && end - start > 1 ? chooseCut(start, end) : undefined;
    if (cut === undefined) {
      tree.value[node] = depth + averagePathLength(end - start);
      return;
    }
    let middle = start;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      if ((values[row * width + cut.column] as number) > cut.value) continue;
      rows[i] = rows[middle] as number;
      rows[middle++] = row;
    }
    const left = tree.column.length;
    [tree.column[node], tree.value[node], tree.left[node]] = [cut.column, cut.value, left];
    tree.column.push(-1, -1);
    tree.value.push(0, 0);
    tree.left.push(-1, -1);
    grow(left, start, middle, depth + 1);
    grow(left + 1, middle, end, depth + 1);
  };

  /** A random column among those that vary in the node, and a random place in its range. */
  const chooseCut = (start: number, end: number): { column: number; value: number } | undefined => {
    for (let left = width; left > 0; left--) {
      const pick = random.integer(left);
      const column = order[pick] as number;
      [order[pick], order[left - 1]] = [order[left - 1] as number, column];
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let i = start; i < end; i++) {
        const value = values[(rows[i] as number) * width + column] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (low === high) continue;
      const value = low + random.uniform() * (high - low);
      return { column, value: value < high ? value : low };
    }
    return undefined;
  };

  grow(0, 0, size, 0);
  return tree;
}

/** `size` different rows of `count`, in random order: the first steps of a Fisher-Yates shuffle, sparsely kept. */
function drawRows(count: number, size: number, random: Random): Uint32Array {
  const moved = new Map<number, number>();
  return Uint32Array.from({ length: size }, (_, i) => {
    const j = i + random.integer(count - i);
    const row = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    return row;
  });
}

function addPathLengths({ column, value, left }: Tree, rows: DenseRows, lengths: Float64Array): void {
  for (let row = 0; row < rows.count; row++) {
    const start = row * rows.width;
    let node = 0;
    for (let cut = column[0] as number; cut >= 0; cut = column[node] as number) {
      const right = (rows.values[start + cut] as number) > (value[node] as number);
      node = (left[node] as number) + Number(right);
    }
    lengths[row] = (lengths[row] as number) + (value[node] as number);
  }
}

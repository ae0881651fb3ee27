// Rows among which some may be anomalies: which of them to trust before training on them.
// Each half is scored by a network that learnt from the other, so that no row vouches for itself; the highest scores
// are left out. Iterative trimming as in Shen & Sanghavi, "Learning with bad training data via iterative trimmed loss
// minimization" (2019), with one iteration.
import { chooseRows, type RowSet } from '../data/rows.ts';
import { createRandom, permutation } from '../nn/random.ts';
import type { Detector } from './detector.ts';
import type { TrainingRecord, TrainOptions } from './training-options.ts';

type Train = (rows: RowSet, options: TrainOptions) => AsyncGenerator<TrainingRecord, Detector<RowSet>>;

/** 1 for each row to trust, 0 for the share `trim` of them with the highest scores; undefined for no share. */
export async function* trustedRows(
  given: RowSet,
  options: TrainOptions,
  trim: number,
  train: Train,
): AsyncGenerator<TrainingRecord, Float32Array | undefined> {
  if (trim === 0) return undefined;
  const { watch: _, ...rest } = options;
  const order = permutation(given.count, createRandom(`${options.seed ?? 0}/halves`));
  const middle = Math.ceil(given.count / 2);
  const halves = [order.slice(0, middle), order.slice(middle)] as const;
  const scores = new Float32Array(given.count);
  for (const [i, half] of halves.entries()) {
    const other = halves[1 - i] ?? half;
    const run = train(chooseRows(given, other), {
      ...rest,
      trim: 0,
      members: 1,
      seed: `${options.seed ?? 0}/${i}`,
    });
    let next = await run.next();
    for (; !next.done; next = await run.next()) {
      // Its epochs are no checkpoints: a run that is stopped here starts anew.
      if (next.value.kind === 'step') yield next.value;
    }
    const detector = next.value;
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const { score } = await detector.score(chooseRows(given, half), { terms: false, ...signal });
    await detector.close();
    for (const [k, row] of half.entries()) scores[row] = score[k] ?? 0;
  }
  const limit = scores.slice().sort()[Math.ceil((1 - trim) * scores.length) - 1] ?? 0;
  return scores.map((value) => Number(value <= limit));
}

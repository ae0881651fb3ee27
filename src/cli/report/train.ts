// A detector trained to be reported on: watched after every epoch, with what it draws kept.
import type { ImageSet } from '../../data/dataset.ts';
import type { Detector } from '../../detect/detector.ts';
import { type TrainOptions, trainSteps } from '../../detect/train.ts';
import { createTrainingWatch, type Snapshot } from '../../evaluate/exhibition/training-watch.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import type { Context } from '../context.ts';

export interface WatchedDetector {
  readonly detector: Detector;
  readonly snapshots: readonly Snapshot[];
}

/** Trains with a bar, or a line for each epoch; warns where a model draws too little. Throws as `trainSteps` does. */
export async function trainWatched(
  context: Context,
  images: ImageSet,
  options: TrainOptions,
): Promise<WatchedDetector> {
  const progress = context.progress();
  const watch = await createTrainingWatch(images, options);
  const name = options.model ?? 'vae';
  const run = trainSteps(images, { ...options, watch: watch.look, signal: context.signal });
  try {
    for (;;) {
      const next = await run.next();
      if (next.done) return { detector: next.value, snapshots: watch.snapshots };
      const record = next.value;
      if (record.kind === 'calibrating') {
        progress.update(1, `${name}: calibrating`);
        progress.line(`${name}: calibrating`);
        continue;
      }
      const where = `${name}: epoch ${record.epoch}/${record.epochs}`;
      const losses = Object.entries(record.losses).map(([part, value]) => `${part} ${formatNumber(value)}`);
      if (record.kind === 'step') {
        progress.update(record.progress, `${where}  ${losses.join('  ')}`);
        continue;
      }
      progress.line(`${where}  ${losses.join('  ')}  ${formatDuration(record.seconds)}`);
      const warning = record.watched?.warning;
      if (warning !== undefined) context.note(`warning: ${name}, epoch ${record.epoch}: ${warning}`);
    }
  } finally {
    progress.stop();
    await watch.close();
  }
}

// A model watched while it trains: what it draws from the same latent vectors after each epoch, and whether it reaches
// all that it was shown.
import type { ImageSet } from '../../data/dataset.ts';
import type { EpochWatch, WatchedModel } from '../../detect/train.ts';
import { openGenerator } from '../comparison/generator.ts';
import { createModeWatch, type ModeWatchOptions } from '../mode-watch.ts';

export interface Snapshot {
  readonly epoch: number;
  readonly images: ImageSet;
}

export interface TrainingWatch {
  look(moment: WatchedModel): Promise<EpochWatch>;
  /** One after each epoch so far, of the first member. */
  readonly snapshots: readonly Snapshot[];
  close(): Promise<void>;
}

const shown = 10;

/** Watches a training on `images`; `close` when it is over. */
export async function createTrainingWatch(
  images: ImageSet,
  options: ModeWatchOptions = {},
): Promise<TrainingWatch> {
  const modes = await createModeWatch(images, options);
  const snapshots: Snapshot[] = [];
  return {
    snapshots,
    async look(moment) {
      const { model, weights, epoch } = moment;
      if (epoch > (snapshots.at(-1)?.epoch ?? 0)) {
        const generator = openGenerator(model, weights, options.session ? { session: options.session } : {});
        snapshots.push({ epoch, images: await generator.decode(generator.drawLatents(shown, 'snapshot')) });
        await generator.close();
      }
      return modes.look(moment);
    },
    close: () => modes.close(),
  };
}

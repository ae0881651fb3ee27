// A detector trained to be reported on: one of images is watched after every epoch, with what it draws kept.
import { isTable, type RowSet } from '../../data/rows.ts';
import type { Detector } from '../../detect/detector.ts';
import { type Choices, parseChoices } from '../../detect/settings.ts';
import type { TrainOptions } from '../../detect/train.ts';
import { createTrainingWatch, type Snapshot } from '../../evaluate/exhibition/training-watch.ts';
import { type ModelName, models } from '../../models/index.ts';
import type { Context } from '../context.ts';
import { runTraining } from '../training/run.ts';
import type { ReportFlags } from './flags.ts';

/** The choices that the flags make for a model; `options` are its own. Throws BAD_USAGE. */
export function choicesOf(
  model: ModelName,
  { epochs, latentDim, falseAlarmRate, seed }: ReportFlags,
  options: Readonly<Record<string, unknown>> = {},
): Choices & { readonly model: ModelName } {
  const given = Object.entries({ epochs, falseAlarmRate, seed }).filter(([, value]) => value !== undefined);
  const own = { ...(latentDim === undefined ? {} : { latentDim }), ...options };
  return {
    ...parseChoices({ model, ...Object.fromEntries(given), options: own }, 'The command line'),
    model,
  };
}

export interface WatchedDetector<Rows extends RowSet> {
  readonly detector: Detector<Rows>;
  readonly snapshots: readonly Snapshot[];
}

/** Trains with a bar, or a line for each epoch; warns where a model draws too little. Throws as `trainSteps` does. */
export async function trainWatched<Rows extends RowSet>(
  context: Context,
  rows: Rows,
  options: TrainOptions,
): Promise<WatchedDetector<Rows>> {
  const called = models[options.model ?? 'vae'].label;
  if (isTable(rows))
    return { detector: await runTraining(context, rows, options, { called }), snapshots: [] };
  const watch = await createTrainingWatch(rows, options);
  try {
    const detector = await runTraining(context, rows, { ...options, watch: watch.look }, { called });
    return { detector, snapshots: watch.snapshots };
  } finally {
    await watch.close();
  }
}

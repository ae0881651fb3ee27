// What every training command does around the training: the folder before and after, checkpoints, the summary.
import type { RowSet } from '../../data/rows.ts';
import type { Detector } from '../../detect/detector.ts';
import { save, saveCheckpoint } from '../../detect/storage.ts';
import type { TrainOptions } from '../../detect/train.ts';
import type { Context } from '../context.ts';
import { type SessionFlags, sessionOf } from '../flags.ts';
import { explainEnd } from './end.ts';
import {
  describeCheckpoint,
  type FolderFlags,
  forgetCheckpoint,
  readStanding,
  rehearseSaving,
  type Standing,
} from './folder.ts';
import { runTraining } from './run.ts';
import { describeTraining, trainingSummary } from './summary.ts';

/** What to train on, and how. */
export interface Prepared<Rows extends RowSet> {
  readonly rows: Rows;
  readonly options: TrainOptions;
  /** A line that says what training begins on. */
  readonly announcement: string;
  /** Which rows are normal, in words, for the summary. */
  readonly normal: string;
  /** Pictures and the like, once the detector is saved. */
  finish?(detector: Detector<Rows>): Promise<void>;
}

/** Trains what `prepare` reads and saves it in `out`; goes on with a run that is there, where asked to. */
export async function trainIntoFolder<Rows extends RowSet>(
  context: Context,
  flags: FolderFlags & SessionFlags,
  prepare: (standing: Exclude<Standing, 'finished'>) => Promise<Prepared<Rows>>,
): Promise<void> {
  const { out } = flags;
  const standing = await readStanding(flags);
  if (standing === 'finished') {
    context.print({ out, finished: true }, () => `${out} is finished already; nothing to resume.`);
    return;
  }
  const forgetFolder = await rehearseSaving(out);
  let saved: string | undefined;
  try {
    const { rows, options, announcement, normal, finish } = await prepare(standing);
    if (standing !== 'nothing') {
      saved = describeCheckpoint(standing.checkpoint);
      context.note(`going on after ${saved}`);
    } else if (flags.overwrite) await forgetCheckpoint(out);
    context.note(announcement);
    const detector = await runTraining(
      context,
      rows,
      {
        ...options,
        session: sessionOf(flags),
        ...(standing === 'nothing' ? {} : { resume: standing.checkpoint }),
      },
      {
        async onEpoch(checkpoint) {
          const file = checkpoint();
          await saveCheckpoint(out, file);
          saved = describeCheckpoint(file);
        },
      },
    );
    await save(detector, out);
    await finish?.(detector);
    context.print(trainingSummary(detector, out), () => describeTraining(detector, out, normal));
    await detector.close();
  } catch (error) {
    await forgetFolder();
    throw explainEnd(error, out, saved);
  }
}

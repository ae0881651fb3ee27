// `oddity train`: from normal images to a saved detector, with a checkpoint after each epoch.
import type { ImageDataset } from '../../data/dataset.ts';
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import { save, saveCheckpoint } from '../../detect/storage.ts';
import { readCheckpoint } from '../../detect/train.ts';
import { OddityError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { chooseClasses, describeClasses, openData } from '../data.ts';
import {
  addClassFlags,
  addSessionFlags,
  type ClassFlags,
  rate,
  requireFlag,
  type SessionFlags,
  sessionOf,
} from '../flags.ts';
import { checkOutputFolder } from '../output-file.ts';
import { explainEnd } from '../training/end.ts';
import {
  addSeedFlag,
  addTrainingFlags,
  choicesOf,
  refuseOtherChoices,
  type TrainingFlags,
} from '../training/flags.ts';
import {
  describeCheckpoint,
  type FolderFlags,
  forgetCheckpoint,
  readStanding,
  refusePicturesInside,
  rehearseSaving,
} from '../training/folder.ts';
import { runTraining } from '../training/run.ts';
import { describeTraining, trainingSummary } from '../training/summary.ts';

interface Flags extends TrainingFlags, ClassFlags, SessionFlags, Omit<FolderFlags, 'out'> {
  readonly out?: string;
  readonly conditional?: true;
  readonly pictures?: string;
}

export const train = defineCommand<Flags>({
  usage: 'train <data>',
  summary: 'train a detector on normal images and save it',
  arguments: { data: 'mnist, fashion-mnist, digits or a path; its training rows are used' },
  examples: [
    'train mnist --normal 3 --out runs/three',
    'train mnist --anomaly 4 --members 3 --out runs/no-four',
    'train fashion-mnist --normal coat,pullover --epochs 20 --out runs/warm --pictures runs/warm-pictures',
    'train mnist --normal 3 --out runs/three --resume',
  ],
  flags(command) {
    addClassFlags(command.option('--out <folder>', 'where the detector goes'), 'classes');
    command
      .option('--resume', 'go on where the run in --out stopped')
      .option('--overwrite', 'replace what is in --out')
      .option('--conditional', 'let the model know the classes')
      .option('--false-alarm-rate <rate>', 'false alarms per normal row (default: 0.01)', rate)
      .option('--pictures <folder>', 'draw the losses, samples and reconstructions there');
    return addSessionFlags(addSeedFlag(addTrainingFlags(command)));
  },
  async run(context, flags, data) {
    const { pictures } = flags;
    const out = requireFlag(flags.out, '--out <folder>');
    if (flags.normal !== undefined && flags.anomaly !== undefined) {
      throw new OddityError(
        'BAD_USAGE',
        '--normal and --anomaly say the same from two sides; give one of them',
      );
    }
    refusePicturesInside(pictures, out);
    const given = choicesOf(flags);
    const standing = await readStanding({ ...flags, out });
    if (standing === 'finished') {
      context.print({ out, finished: true }, () => `${out} is finished already; nothing to resume.`);
      return;
    }
    const forgetFolder = await rehearseSaving(out);
    if (pictures !== undefined) await checkOutputFolder(pictures);
    let saved: string | undefined;
    try {
      const dataset = await openData(context, data);
      const { choices, normalClasses } = plan(dataset, flags, given, standing);
      const rows = rowsOfClasses(
        dataset.train,
        normalClasses.length > 0 ? { normal: normalClasses } : {},
        dataset.classNames,
      ).normal;
      if (standing !== 'nothing') {
        saved = describeCheckpoint(standing.checkpoint);
        context.note(`going on after ${saved}`);
      } else if (flags.overwrite) await forgetCheckpoint(out);
      announce(context, dataset, normalClasses, rows.length);
      const detector = await runTraining(
        context,
        selectRows(dataset.train, rows),
        {
          ...choices,
          name: dataset.name,
          classNames: dataset.classNames,
          normalClasses,
          session: sessionOf(flags),
          ...(standing === 'nothing' ? {} : { resume: standing.checkpoint }),
        },
        async (checkpoint) => {
          const file = checkpoint();
          await saveCheckpoint(out, file);
          saved = describeCheckpoint(file);
        },
      );
      await save(detector, out);
      if (pictures !== undefined) {
        const { drawTraining } = await import('../measuring/pictures.ts');
        await drawTraining(detector, selectRows(dataset.train, rows), pictures);
      }
      context.print(trainingSummary(detector, out), () => describeTraining(detector, out));
      await detector.close();
    } catch (error) {
      await forgetFolder();
      throw explainEnd(error, out, saved);
    }
  },
});

/** The run's choices and normal classes: the flags', or those of the run to resume. */
function plan(
  dataset: ImageDataset,
  flags: Flags,
  given: ReturnType<typeof choicesOf>,
  standing: Exclude<Awaited<ReturnType<typeof readStanding>>, 'finished'>,
) {
  const chosen = chooseClasses(dataset, flags);
  const normalClasses =
    chosen.normal ??
    (chosen.anomaly === undefined
      ? []
      : dataset.classNames.map((_, label) => label).filter((label) => !chosen.anomaly?.includes(label)));
  const classes = dataset.classNames.length;
  if (flags.conditional && classes === 0) {
    throw new OddityError(
      'BAD_DATA',
      `--conditional needs labelled images, but ${dataset.name} has no labels`,
    );
  }
  const choices = flags.conditional ? { ...given, options: { ...given.options, classes } } : given;
  if (standing === 'nothing') return { choices, normalClasses };
  const { settings, data, falseAlarmRate } = readCheckpoint(standing.checkpoint);
  refuseOtherChoices(choices, settings, falseAlarmRate);
  if (
    normalClasses.length > 0 &&
    [...normalClasses].sort().join() !== [...data.normalClasses].sort().join()
  ) {
    const before = describeClasses(data.normalClasses, data.classNames) || 'all classes';
    const now = describeClasses(normalClasses, dataset.classNames);
    throw new OddityError(
      'BAD_USAGE',
      `the run to resume has as normal ${before}, got ${now}; leave --normal and --anomaly out, or start anew with --overwrite`,
    );
  }
  return { choices, normalClasses: data.normalClasses };
}

function announce(context: Context, dataset: ImageDataset, normal: readonly number[], rows: number): void {
  const which = normal.length > 0 ? `, normal: ${describeClasses(normal, dataset.classNames)}` : '';
  context.note(`training on ${dataset.name}${which} (${rows.toLocaleString('en-US')} images)`);
}

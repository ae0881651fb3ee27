// Images to train on: a dataset, the classes of it that are normal, and pictures afterwards.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import type { Choices } from '../../detect/settings.ts';
import { readCheckpoint } from '../../detect/train.ts';
import { OddityError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { chooseClasses, describeClasses, openData } from '../data.ts';
import { type ClassFlags, refuseBothSides } from '../flags.ts';
import { checkOutputFolder } from '../output-file.ts';
import { refuseOtherChoices } from '../training/flags.ts';
import { refusePicturesInside, type Standing } from '../training/folder.ts';
import type { Prepared } from '../training/into-folder.ts';

export interface ImageTrainingFlags extends ClassFlags {
  readonly conditional?: true;
  readonly pictures?: string;
}

/** Names of flags that mean nothing for tables. */
export const imageFlagNames = ['anomaly', 'conditional', 'pictures'];

/** Checks what can be checked before anything is read. Throws BAD_USAGE. */
export function checkImageFlags(flags: ImageTrainingFlags, out: string): void {
  refuseBothSides(flags);
  refusePicturesInside(flags.pictures, out);
}

export async function prepareImages(
  context: Context,
  data: string,
  flags: ImageTrainingFlags,
  given: Choices,
  standing: Exclude<Standing, 'finished'>,
): Promise<Prepared<ImageSet>> {
  const { pictures } = flags;
  if (pictures !== undefined) await checkOutputFolder(pictures);
  const dataset = await openData(context, data);
  const { choices, normalClasses } = plan(dataset, flags, given, standing);
  const wanted = normalClasses.length > 0 ? { normal: normalClasses } : {};
  const rows = rowsOfClasses(dataset.train, wanted, dataset.classNames).normal;
  const images = selectRows(dataset.train, rows);
  const normal = describeClasses(normalClasses, dataset.classNames);
  const which = normal === '' ? '' : `, normal: ${normal}`;
  return {
    rows: images,
    options: { ...choices, name: dataset.name, classNames: dataset.classNames, normalClasses },
    announcement: `training on ${dataset.name}${which} (${rows.length.toLocaleString('en-US')} images)`,
    normal: normal || 'all',
    async finish(detector) {
      if (pictures === undefined) return;
      const { drawTraining } = await import('../measuring/pictures.ts');
      await drawTraining(detector, images, pictures);
    },
  };
}

/** The run's choices and normal classes: the flags', or those of the run to resume. */
function plan(
  dataset: ImageDataset,
  flags: ImageTrainingFlags,
  given: Choices,
  standing: Exclude<Standing, 'finished'>,
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

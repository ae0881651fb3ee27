// `oddity report`: one page on what was learnt, what is drawn, what is found, and what is missed.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDataset } from '../../data/dataset.ts';
import { resolveClass, rowsOfClasses, selectRows } from '../../data/select.ts';
import { parseChoices, settingsFor } from '../../detect/settings.ts';
import { load, manifestFile } from '../../detect/storage.ts';
import { OddityError } from '../../errors.ts';
import { models } from '../../models/index.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { chooseClasses, openData } from '../data.ts';
import {
  addClassFlags,
  addSessionFlags,
  type ClassFlags,
  count,
  countFrom,
  countUpTo,
  list,
  requireFlag,
  type SessionFlags,
  sessionOf,
} from '../flags.ts';
import { openCachedClassifier } from '../measuring/classifier.ts';
import { checkOutputFolder } from '../output-file.ts';
import { type ReportResult, reportImages } from '../report/images.ts';
import { reportTable } from '../report/tables.ts';
import { trainWatched, type WatchedDetector } from '../report/train.ts';
import { asTableDetector, isTablePath } from '../tables/kind.ts';
import { wrapWords } from '../text-table.ts';

interface Flags extends ClassFlags, SessionFlags {
  readonly out: string;
  readonly models?: readonly string[];
  readonly data?: string;
  readonly epochs?: number;
  readonly latentDim?: number;
  readonly conditional?: true;
  readonly images?: number;
  readonly rows?: number;
  readonly show?: readonly string[];
  readonly classifier: boolean;
  readonly figures: boolean;
}

export const report = defineCommand<Flags>({
  usage: 'report <data-or-detector>',
  summary: 'write one HTML page on the data, the models and what they find',
  arguments: {
    'data-or-detector': 'mnist, fashion-mnist, digits, a path of images, or a folder that train wrote',
  },
  examples: [
    'report mnist --models vae,dcgan --out report',
    'report fashion-mnist --models vae --normal sneaker --out report',
    'report runs/no-four --out report',
    'report runs/fraud --data transactions.csv --out report',
  ],
  flags(command) {
    addClassFlags(
      command
        .option('--out <folder>', 'where the page and its figures go (default: report)', 'report')
        .option(
          '--models <names>',
          `comma-separated, of ${Object.keys(models).join(', ')} (default: vae)`,
          list,
        )
        .option('--data <data>', 'for a detector: what to test it on (default: the data it was trained on)'),
      'classes',
    );
    command
      .option('--epochs <count>', "passes over the images (default: each model's own)", countUpTo(100_000))
      .option('--latent-dim <count>', "latent dimensions (default: each model's own)", countUpTo(1024))
      .option('--conditional', 'let the models know the classes, where they can be told')
      .option('--images <count>', 'train on so many of the normal images (default: all)', countFrom(100))
      .option(
        '--rows <count>',
        'test images judged (default: 10000, or 2000 where a model searches for codes)',
        count,
      )
      .option('--show <classes>', 'classes whose drawn images are shown alone (default: 2, 3 and 7)', list)
      .option('--no-classifier', 'do not train a classifier to measure drawn images with')
      .option('--no-figures', 'write the page alone, without its figures for paper')
      .addHelpText('after', '\nWithout --normal and --anomaly, the first class is the anomaly.');
    return addSessionFlags(command);
  },
  async run(context, flags, what = '') {
    const isDetector = (await stat(join(what, manifestFile)).catch(() => undefined))?.isFile() === true;
    checkFlags(flags, isDetector);
    if (!isDetector && (await isTablePath(what))) {
      throw new OddityError(
        'BAD_USAGE',
        `a report on a table is about a detector: train one with oddity train ${what} --out DIR, then oddity report DIR --data ${what}`,
      );
    }
    await checkOutputFolder(flags.out);
    const detectors: WatchedDetector[] = [];
    try {
      const loaded = isDetector ? await load(what, sessionOf(flags)) : undefined;
      if (loaded !== undefined) detectors.push({ detector: loaded, snapshots: [] });
      const ofTable = loaded && asTableDetector(loaded);
      if (ofTable !== undefined) {
        const path = requireFlag(flags.data, '--data <table>');
        const { out, rows, figures } = flags;
        const result = await reportTable(context, ofTable, { folder: what, path, out, rows, figures });
        context.print({ data: path, ...result }, () => describe(result));
        return;
      }
      const dataset = await openData(
        context,
        isDetector ? (flags.data ?? loaded?.manifest.data.name ?? '') : what,
      );
      if (loaded === undefined) await trainAll(context, flags, dataset, detectors);
      const result = await write(context, flags, dataset, detectors);
      context.print({ data: dataset.name, ...result }, () => describe(result));
    } finally {
      for (const { detector } of detectors) await detector.close();
    }
  },
});

/** Throws BAD_USAGE before any work. */
function checkFlags(flags: Flags, isDetector: boolean): void {
  const wrong = isDetector
    ? (['models', 'epochs', 'latentDim', 'conditional', 'images', 'normal', 'anomaly'] as const).find(
        (name) => flags[name] !== undefined,
      )
    : flags.data === undefined
      ? undefined
      : 'data';
  if (wrong !== undefined) {
    const flag = `--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new OddityError(
      'BAD_USAGE',
      isDetector
        ? `${flag} is for training, and this is a trained detector; leave it out`
        : `${flag} is for a trained detector; leave it out`,
    );
  }
  if (flags.normal !== undefined && flags.anomaly !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      '--normal and --anomaly say the same from two sides; give one of them',
    );
  }
  const unknown = flags.models?.find((name) => !Object.hasOwn(models, name));
  if (unknown !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected --models of ${Object.keys(models).join(', ')}, got '${unknown}'; check the spelling`,
    );
  }
}

/** Trains each model on the same normal images; they are added as they come, so that all are closed at the end. */
async function trainAll(
  context: Context,
  flags: Flags,
  dataset: ImageDataset,
  detectors: WatchedDetector[],
): Promise<void> {
  const { classNames, train } = dataset;
  const chosen = chooseClasses(dataset, flags);
  const isLabelled = train.labels !== undefined && classNames.length > 1;
  const anomaly = chosen.normal === undefined && isLabelled ? (chosen.anomaly ?? [0]) : [];
  const normalClasses =
    chosen.normal ??
    (anomaly.length > 0 ? [...classNames.keys()].filter((label) => !anomaly.includes(label)) : []);
  const rows = rowsOfClasses(
    train,
    normalClasses.length > 0 ? { normal: normalClasses } : {},
    classNames,
  ).normal;
  const images = selectRows(train, rows.subarray(0, flags.images ?? rows.length));
  for (const name of new Set(flags.models ?? ['vae'])) {
    const { epochs, latentDim, conditional } = flags;
    const canBeTold = 'classes' in models[name as keyof typeof models].options.parse({});
    const choices = parseChoices(
      {
        model: name,
        ...(epochs === undefined ? {} : { epochs }),
        options: {
          ...(latentDim === undefined ? {} : { latentDim }),
          ...(conditional && canBeTold ? { classes: classNames.length } : {}),
        },
      },
      'The command line',
    );
    settingsFor(choices, images.count);
    context.note(
      `${name}: learning ${dataset.name} from ${images.count.toLocaleString('en-US')} normal images`,
    );
    const options = { ...choices, name: dataset.name, classNames, normalClasses, session: sessionOf(flags) };
    detectors.push(await trainWatched(context, images, options));
  }
}

async function write(
  context: Context,
  flags: Flags,
  dataset: ImageDataset,
  detectors: readonly WatchedDetector[],
): Promise<ReportResult> {
  const classes = flags.show?.map((name) => resolveClass(dataset, name));
  const searches = detectors.some(({ detector }) => detector.manifest.training.model === 'dcgan');
  const hasClasses = dataset.train.labels !== undefined && dataset.classNames.length > 1;
  const classifier =
    flags.classifier && hasClasses && dataset.test.count >= 100
      ? await openCachedClassifier(context, dataset, sessionOf(flags))
      : undefined;
  try {
    const options = {
      detectors,
      dataset,
      rows: flags.rows ?? (searches ? 2000 : 10_000),
      ...(classes === undefined ? {} : { classes }),
      ...(classifier === undefined ? {} : { classifier }),
    };
    return await reportImages(context, flags.out, options, flags.figures);
  } finally {
    await classifier?.close();
  }
}

function describe({ page, answers }: ReportResult): string {
  return [
    ...answers.flatMap(({ question, answer }) => [
      question,
      ...wrapWords(answer).map((line) => `  ${line}`),
      '',
    ]),
    `The report, for any browser: ${page}`,
  ].join('\n');
}

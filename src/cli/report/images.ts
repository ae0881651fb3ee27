// Reports on detectors of images: trained on the spot, or there already; from detectors to a page on disk.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { resolveClass, rowsOfClasses, selectRows } from '../../data/select.ts';
import type { Detector } from '../../detect/detector.ts';
import { settingsFor } from '../../detect/settings.ts';
import { answersOf } from '../../evaluate/exhibition/conclusions.ts';
import { type GatherOptions, gatherExhibition } from '../../evaluate/exhibition/gather.ts';
import { models } from '../../models/index.ts';
import type { Context } from '../context.ts';
import { chooseClasses, openData } from '../data.ts';
import { sessionOf } from '../flags.ts';
import { openCachedClassifier } from '../measuring/classifier.ts';
import { modelNames } from '../training/flags.ts';
import type { ReportFlags } from './flags.ts';
import { type ReportResult, reportResult } from './result.ts';
import { choicesOf, trainWatched, type WatchedDetector } from './train.ts';
import { writeReport } from './write.ts';

/** Trains each model on the same normal images, then reports on them. */
export async function reportOnImages(
  context: Context,
  data: string,
  flags: ReportFlags,
): Promise<ReportResult> {
  const dataset = await openData(context, data);
  const { classNames, train } = dataset;
  const normalClasses = chooseNormal(dataset, flags);
  const rows = rowsOfClasses(
    train,
    normalClasses.length > 0 ? { normal: normalClasses } : {},
    classNames,
  ).normal;
  const images = selectRows(train, rows.subarray(0, flags.images ?? rows.length));
  const plans = modelNames(flags.models).map((model) => {
    const canBeTold = 'classes' in models[model].options.parse({});
    const classes = flags.conditional && canBeTold ? { classes: classNames.length } : {};
    const choices = choicesOf(model, flags, classes);
    // Refuses now what the model's own training would refuse after the others'.
    settingsFor(choices, images.count);
    return choices;
  });
  const detectors: WatchedDetector<ImageSet>[] = [];
  try {
    for (const choices of plans) {
      context.note(
        `${models[choices.model].label}: learning ${dataset.name} from ${images.count.toLocaleString('en-US')} normal images`,
      );
      const options = {
        ...choices,
        name: dataset.name,
        classNames,
        normalClasses,
        session: sessionOf(flags),
      };
      detectors.push(await trainWatched(context, images, options));
    }
    return await judgeAndWrite(context, dataset, detectors, flags);
  } finally {
    for (const { detector } of detectors) await detector.close();
  }
}

/** As the flags say; else all but the first class, where there are classes. */
function chooseNormal(dataset: ImageDataset, flags: ReportFlags): number[] {
  const { classNames, train } = dataset;
  const chosen = chooseClasses(dataset, flags);
  if (chosen.normal !== undefined) return [...chosen.normal];
  const isLabelled = train.labels !== undefined && classNames.length > 1;
  const anomaly = isLabelled ? (chosen.anomaly ?? [0]) : [];
  return anomaly.length === 0 ? [] : [...classNames.keys()].filter((label) => !anomaly.includes(label));
}

/** Reports on detectors that are there, by default on the data that the first was trained on. */
export async function reportOnDetectors(
  context: Context,
  detectors: readonly Detector[],
  flags: ReportFlags,
): Promise<ReportResult> {
  const dataset = await openData(context, flags.data ?? detectors[0]?.manifest.data.name ?? '');
  return judgeAndWrite(
    context,
    dataset,
    detectors.map((detector) => ({ detector, snapshots: [] })),
    flags,
  );
}

async function judgeAndWrite(
  context: Context,
  dataset: ImageDataset,
  detectors: readonly WatchedDetector<ImageSet>[],
  flags: ReportFlags,
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

/** Gathers, draws and writes, with a bar for each long part; returns what the page says in short. */
export async function reportImages(
  context: Context,
  folder: string,
  options: GatherOptions,
  figures = true,
): Promise<ReportResult> {
  const progress = context.progress();
  let last = '';
  const onProgress = (doing: string, share: number): void => {
    progress.update(share, doing);
    if (doing !== last) progress.line(doing);
    last = doing;
  };
  const { composeReport } = await import('../../report/sections/index.ts');
  try {
    const exhibition = await gatherExhibition({ ...options, signal: context.signal, onProgress });
    const page = await composeReport(exhibition, (done, total) =>
      onProgress('drawing the report', done / total),
    );
    progress.stop();
    const path = await writeReport(context, folder, 'report.html', page, figures);
    return reportResult(path, answersOf(exhibition), exhibition.models);
  } finally {
    progress.stop();
  }
}

// `oddity demo`: the whole way in about two minutes, from data to a report. Also `npm start`.
import { join } from 'node:path';
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import { save } from '../../detect/storage.ts';
import type { TrainOptions } from '../../detect/train.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { openData } from '../data.ts';
import { addSessionFlags, type SessionFlags, sessionOf } from '../flags.ts';
import { describeEvaluation, judge, measure } from '../measuring/evaluation.ts';
import { checkOutputFolder } from '../output-file.ts';
import { reportImages } from '../report/images.ts';
import { trainWatched, type WatchedDetector } from '../report/train.ts';
import { programName } from '../training/end.ts';
import { rehearseSaving } from '../training/folder.ts';

/** The digit that training never sees. */
const anomaly = 0;
const epochs = 5;
/** A GAN as a taste: with all images it would take most of an hour. Its search for codes is slow, so few rows are judged. */
const taste = { images: 8000, epochs: 4, batchSize: 64, rows: 800, mapped: 500 };

interface Flags extends SessionFlags {
  readonly out: string;
  readonly gan: boolean;
}

export const demo = defineCommand<Flags>({
  usage: 'demo',
  summary: 'learn nine digits, find the tenth, and write a report, in about two minutes',
  examples: ['demo', 'demo --no-gan', 'demo --data-dir ~/data --out /tmp/demo'],
  flags: (command) =>
    addSessionFlags(
      command
        .option('--out <folder>', 'where everything goes (default: runs/demo)', 'runs/demo')
        .option('--no-gan', 'leave out the GAN that the report holds beside the VAE'),
    ),
  async run(context, flags) {
    const [folder, report] = [join(flags.out, 'detector'), join(flags.out, 'report')];
    const dataset = await openData(context, 'mnist', { fallback: 'digits' });
    await checkOutputFolder(report);
    await rehearseSaving(folder);
    const classes = { anomaly: [anomaly] };
    const { normal } = rowsOfClasses(dataset.train, classes, dataset.classNames);
    const images = selectRows(dataset.train, normal);
    context.note(
      `Learning ${dataset.name} without the digit ${anomaly}: ${images.count.toLocaleString('en-US')} images`,
    );
    const watched = await learn(context, flags, dataset, images, { epochs });
    const { detector } = watched;
    const detectors = [watched];
    try {
      await save(detector, folder);
      context.note(`Looking for ${anomaly} among ${dataset.test.count.toLocaleString('en-US')} test images`);
      const judged = await judge(context, detector, dataset, classes);
      const result = measure(judged, detector);
      if (flags.gan) {
        const few = selectRows(dataset.train, normal.subarray(0, taste.images));
        context.note(`Learning a GAN from ${few.count.toLocaleString('en-US')} of them, to compare`);
        detectors.push(
          await learn(context, flags, dataset, few, {
            model: 'dcgan',
            epochs: taste.epochs,
            batchSize: taste.batchSize,
          }),
        );
      }
      context.note('Writing the report');
      const few = flags.gan ? { rows: taste.rows, mapped: taste.mapped } : {};
      const { page } = await reportImages(context, report, { detectors, dataset, ...few }, false);
      const oddity = programName();
      context.print({ data: dataset.name, anomaly, detector: folder, report: page, ...result }, () =>
        [
          '',
          describeEvaluation(result, detector, dataset, judged),
          '',
          `The detector is in ${folder}. The report, for any browser: ${page}`,
          '',
          'Next:',
          `  ${oddity} report ${folder} --out report   (with its figures as SVG and PNG)`,
          `  ${oddity} score ${folder} ${dataset.name} --out scores.csv`,
          `  ${oddity} train fashion-mnist --normal coat --out runs/coat`,
        ].join('\n'),
      );
    } finally {
      for (const each of detectors) await each.detector.close();
    }
  },
});

function learn(
  context: Context,
  flags: Flags,
  { name, classNames }: ImageDataset,
  images: ImageSet,
  options: TrainOptions,
): Promise<WatchedDetector<ImageSet>> {
  const normalClasses = [...classNames.keys()].filter((label) => label !== anomaly);
  return trainWatched(context, images, {
    ...options,
    name,
    classNames,
    normalClasses,
    session: sessionOf(flags),
  });
}

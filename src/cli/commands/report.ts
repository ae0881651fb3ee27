// `oddity report`: one page on what was learnt, what is drawn, what is found, and what is missed.
import { models } from '../../models/index.ts';
import { defineCommand } from '../command.ts';
import {
  addClassFlags,
  addSessionFlags,
  count,
  countFrom,
  countUpTo,
  list,
  rate,
  requireFlag,
} from '../flags.ts';
import { checkOutputFolder } from '../output-file.ts';
import { type ReportFlags, requireData, requireDetectors, whatIs } from '../report/flags.ts';
import { reportOnDetectors, reportOnImages } from '../report/images.ts';
import { describeReport } from '../report/result.ts';
import { reportOnTable, reportOnTableDetectors } from '../report/tables.ts';
import { addShapeFlags } from '../tables/flags.ts';
import { addSeedFlag } from '../training/flags.ts';

export const report = defineCommand<ReportFlags>({
  usage: 'report <data-or-detectors...>',
  summary: 'write one HTML page on the data, the models and what they find',
  arguments: {
    'data-or-detectors':
      'mnist, fashion-mnist, digits, a path of images or of a table; or folders that train wrote',
  },
  examples: [
    'report mnist --models vae,dcgan --out report',
    'report fashion-mnist --models vae --normal sneaker --out report',
    'report transactions.csv --label fraud --out report',
    'report runs/no-four --out report',
    'report runs/vae runs/gan --data mnist --out report',
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
        .option(
          '--data <data>',
          'what to judge: for detectors (default: the images they were trained on), or for a table (default: rows held out of it)',
        ),
      "classes, or the label's values,",
    );
    command
      .option('--epochs <count>', "passes over the rows (default: each model's own)", countUpTo(100_000))
      .option('--latent-dim <count>', "latent dimensions (default: each model's own)", countUpTo(1024))
      .option('--false-alarm-rate <rate>', 'false alarms per normal row (default: 0.01)', rate)
      .option('--conditional', 'images: let the models know the classes, where they can be told')
      .option('--images <count>', 'images: train on so many normal ones (default: all)', countFrom(100))
      .option(
        '--rows <count>',
        'test rows judged (default: 10000 images, or 2000 where a model searches for codes; 50000 rows of a table)',
        count,
      )
      .option('--show <classes>', 'images: classes drawn alone (default: 2, 3 and 7)', list)
      .option('--no-classifier', 'images: do not train a classifier to measure drawn images with')
      .option('--no-figures', 'write the page alone, without its figures for paper')
      .addHelpText(
        'after',
        '\nWithout --normal and --anomaly, the first class of images is the anomaly. A table without --data holds three tenths\nof its normal rows and all anomalies out to judge them; with --time, its last rows.',
      );
    return addSessionFlags(addSeedFlag(addShapeFlags(command)));
  },
  async run(context, flags, ...given) {
    const what = await whatIs(given);
    await checkOutputFolder(flags.out);
    if (what.kind === 'data') {
      requireData(flags, what.isTable);
      const result = what.isTable
        ? await reportOnTable(context, what.path, flags)
        : await reportOnImages(context, what.path, flags);
      context.print({ data: what.path, ...result }, () => describeReport(result));
      return;
    }
    const detectors = await requireDetectors(flags, what.folders);
    try {
      const result =
        detectors.kind === 'tables'
          ? await reportOnTableDetectors(context, detectors, requireFlag(flags.data, '--data <table>'), flags)
          : await reportOnDetectors(context, detectors.opened, flags);
      context.print({ detectors: what.folders, ...result }, () => describeReport(result));
    } finally {
      for (const detector of detectors.opened) await detector.close();
    }
  },
});

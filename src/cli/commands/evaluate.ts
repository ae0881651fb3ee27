// `oddity evaluate`: how well a detector tells normal from anomalous test rows.
import type { ImageSet } from '../../data/dataset.ts';
import type { Detector } from '../../detect/detector.ts';
import { load } from '../../detect/storage.ts';
import { OddityError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { chooseClasses, openData } from '../data.ts';
import {
  addClassFlags,
  addSessionFlags,
  type ClassFlags,
  count,
  positive,
  rate,
  type SessionFlags,
  sessionOf,
} from '../flags.ts';
import { classesOf, describeEvaluation, judge, measure } from '../measuring/evaluation.ts';
import { checkOutputFolder } from '../output-file.ts';
import { evaluateTable } from '../tables/evaluate.ts';
import { addHistoryFlag, addReadFlags, readFlagNames } from '../tables/flags.ts';
import { asTableDetector, refuseFlags } from '../tables/kind.ts';
import type { TableEvaluateFlags } from '../tables/measure.ts';

interface Flags extends ClassFlags, SessionFlags, Omit<TableEvaluateFlags, 'threads' | 'normal'> {}

const tableFlagNames = [...readFlagNames, 'label', 'amount', 'costAlarm', 'costs', 'top'];

export const evaluate = defineCommand<Flags>({
  usage: 'evaluate <detector> <data>',
  summary: 'measure a detector on labelled test rows',
  arguments: {
    detector: 'folder that train wrote',
    data: 'mnist, fashion-mnist, digits, whose test rows are used, or a path',
  },
  examples: [
    'evaluate runs/fraud test.csv',
    'evaluate runs/fraud test.csv --amount Amount --cost-alarm 5 --costs costs.csv',
    'evaluate runs/three mnist',
    'evaluate runs/three mnist --false-alarm-rate 0.1% --pictures runs/three-pictures',
    'evaluate runs/three digits --normal 3 --anomaly 5,8 --json',
  ],
  flags(command) {
    addClassFlags(command, "classes, or the label's values,").addHelpText(
      'after',
      '\nWithout --normal, --anomaly and --label, normal is what the detector was trained on.',
    );
    command
      .option('--false-alarm-rate <rate>', "false alarms per normal row (default: the detector's)", rate)
      .option('--pictures <folder>', 'draw scores and ROC there; of images, extremes and reconstructions too')
      .option('--label <column>', 'column that says which rows are anomalies (default: as in training)')
      .option('--top <count>', 'precision among so many highest scores (default: 100)', count)
      .option('--amount <column>', 'what each anomaly costs that is missed: prices every threshold')
      .option('--cost-alarm <cost>', 'what looking into an alarm costs (default: 0)', positive)
      .option('--costs <file>', 'write what every threshold costs there, as CSV');
    return addSessionFlags(addHistoryFlag(addReadFlags(command)));
  },
  async run(context, flags, folder = '', data = '') {
    const { falseAlarmRate, pictures } = flags;
    if (flags.amount === undefined && (flags.costs !== undefined || flags.costAlarm !== undefined)) {
      throw new OddityError(
        'BAD_USAGE',
        '--costs and --cost-alarm need --amount: what each missed anomaly costs',
      );
    }
    if (pictures !== undefined) await checkOutputFolder(pictures);
    const detector = await load(folder, sessionOf(flags));
    detector.threshold(falseAlarmRate);
    const table = asTableDetector(detector);
    refuseFlags(
      flags,
      table === undefined ? tableFlagNames : ['anomaly'],
      table === undefined ? 'images' : 'tables',
    );
    if (table === undefined) await evaluateImages(context, detector, folder, data, flags);
    else await evaluateTable(context, table, folder, data, flags);
    await detector.close();
  },
});

async function evaluateImages(
  context: Context,
  detector: Detector<ImageSet>,
  folder: string,
  data: string,
  flags: Flags,
): Promise<void> {
  const dataset = await openData(context, data);
  const classes = classesOf(detector, dataset, chooseClasses(dataset, flags));
  const judged = await judge(context, detector, dataset, classes);
  const result = measure(judged, detector, flags.falseAlarmRate);
  if (flags.pictures !== undefined) {
    const { drawEvaluation } = await import('../measuring/pictures.ts');
    await drawEvaluation(detector, judged, result, dataset.classNames, flags.pictures);
  }
  context.print({ detector: folder, data: dataset.name, ...result }, () =>
    describeEvaluation(result, detector, dataset, judged),
  );
}

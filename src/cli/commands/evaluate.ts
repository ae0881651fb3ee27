// `oddity evaluate`: how well a detector tells normal from anomalous test rows.
import { load } from '../../detect/storage.ts';
import { defineCommand } from '../command.ts';
import { chooseClasses, openData } from '../data.ts';
import {
  addClassFlags,
  addSessionFlags,
  type ClassFlags,
  rate,
  type SessionFlags,
  sessionOf,
} from '../flags.ts';
import { classesOf, describeEvaluation, judge, measure } from '../measuring/evaluation.ts';
import { checkOutputFolder } from '../output-file.ts';

interface Flags extends ClassFlags, SessionFlags {
  readonly falseAlarmRate?: number;
  readonly pictures?: string;
}

export const evaluate = defineCommand<Flags>({
  usage: 'evaluate <detector> <data>',
  summary: 'measure a detector on labelled test rows',
  arguments: {
    detector: 'folder that train wrote',
    data: 'mnist, fashion-mnist, digits or a path; its test rows are used',
  },
  examples: [
    'evaluate runs/three mnist',
    'evaluate runs/three mnist --false-alarm-rate 0.1% --pictures runs/three-pictures',
    'evaluate runs/three digits --normal 3 --anomaly 5,8 --json',
  ],
  flags(command) {
    addClassFlags(command, 'classes').addHelpText(
      'after',
      '\nWithout --normal and --anomaly, normal is what the detector was trained on.',
    );
    command
      .option('--false-alarm-rate <rate>', "false alarms per normal row (default: the detector's)", rate)
      .option('--pictures <folder>', 'draw scores, ROC, extremes and reconstructions there');
    return addSessionFlags(command);
  },
  async run(context, flags, folder = '', data = '') {
    const { falseAlarmRate, pictures } = flags;
    if (pictures !== undefined) await checkOutputFolder(pictures);
    const detector = await load(folder, sessionOf(flags));
    detector.threshold(falseAlarmRate);
    const dataset = await openData(context, data);
    const classes = classesOf(detector, dataset, chooseClasses(dataset, flags));
    const judged = await judge(context, detector, dataset, classes);
    const result = measure(judged, detector, falseAlarmRate);
    if (pictures !== undefined) {
      const { drawEvaluation } = await import('../measuring/pictures.ts');
      await drawEvaluation(detector, judged, result, dataset.classNames, pictures);
    }
    context.print({ detector: folder, data: dataset.name, ...result }, () =>
      describeEvaluation(result, detector, dataset, judged),
    );
    await detector.close();
  },
});

// `oddity demo`: the whole way in about a minute, from data to pictures. Also `npm start`.
import { join } from 'node:path';
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import { save } from '../../detect/storage.ts';
import { defineCommand } from '../command.ts';
import { openData } from '../data.ts';
import { addSessionFlags, type SessionFlags, sessionOf } from '../flags.ts';
import { describeEvaluation, judge, measure } from '../measuring/evaluation.ts';
import { checkOutputFolder } from '../output-file.ts';
import { programName } from '../training/end.ts';
import { rehearseSaving } from '../training/folder.ts';
import { runTraining } from '../training/run.ts';

/** The digit that training never sees, and how long training takes. */
const anomaly = 0;
const epochs = 8;

interface Flags extends SessionFlags {
  readonly out: string;
}

export const demo = defineCommand<Flags>({
  usage: 'demo',
  summary: 'learn nine digits, then find the tenth, in about a minute',
  examples: ['demo', 'demo --data-dir ~/data --out /tmp/demo'],
  flags: (command) =>
    addSessionFlags(
      command.option('--out <folder>', 'where everything goes (default: runs/demo)', 'runs/demo'),
    ),
  async run(context, flags) {
    const [folder, pictures] = [join(flags.out, 'detector'), join(flags.out, 'pictures')];
    const dataset = await openData(context, 'mnist', { fallback: 'digits' });
    await checkOutputFolder(pictures);
    await rehearseSaving(folder);
    const classes = { anomaly: [anomaly] };
    const normal = selectRows(
      dataset.train,
      rowsOfClasses(dataset.train, classes, dataset.classNames).normal,
    );
    context.note(
      `Learning ${dataset.name} without the digit ${anomaly}: ${normal.count.toLocaleString('en-US')} images`,
    );
    const detector = await runTraining(context, normal, {
      epochs,
      name: dataset.name,
      classNames: dataset.classNames,
      normalClasses: dataset.classNames.map((_, label) => label).filter((label) => label !== anomaly),
      session: sessionOf(flags),
    });
    await save(detector, folder);
    context.note(`Looking for ${anomaly} among ${dataset.test.count.toLocaleString('en-US')} test images`);
    const judged = await judge(context, detector, dataset, classes);
    const result = measure(judged, detector);
    context.note('Drawing pictures');
    const { drawEvaluation, drawTraining } = await import('../measuring/pictures.ts');
    const files = [
      ...(await drawTraining(detector, normal, pictures)),
      ...(await drawEvaluation(detector, judged, result, dataset.classNames, pictures)),
    ].filter((file) => file.endsWith('.png'));
    await detector.close();
    const oddity = programName();
    context.print({ data: dataset.name, anomaly, detector: folder, pictures: files, ...result }, () =>
      [
        '',
        describeEvaluation(result, detector, dataset, judged),
        '',
        `The detector is in ${folder}, pictures in ${pictures}:`,
        ...files.map((file) => `  ${file}`),
        '',
        'Next:',
        `  ${oddity} inspect ${folder}`,
        `  ${oddity} score ${folder} ${dataset.name} --out scores.csv`,
        `  ${oddity} train fashion-mnist --normal coat --out runs/coat`,
      ].join('\n'),
    );
  },
});

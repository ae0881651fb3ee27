// `oddity reconstruct`: originals beside the model's pictures of them, and where they differ.
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import { load } from '../../detect/storage.ts';
import { OddityError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { chooseClasses, openData } from '../data.ts';
import {
  addClassFlags,
  addSessionFlags,
  type ClassFlags,
  count,
  requireFlag,
  type SessionFlags,
  sessionOf,
} from '../flags.ts';
import { checkPictureFile, writePicture } from '../output-file.ts';
import { asTableDetector } from '../tables/kind.ts';

interface Flags extends ClassFlags, SessionFlags {
  readonly count: number;
  readonly out?: string;
}

export const reconstruct = defineCommand<Flags>({
  usage: 'reconstruct <detector> <data>',
  summary: 'show originals, reconstructions and error maps',
  arguments: {
    detector: 'folder that train wrote',
    data: 'mnist, fashion-mnist, digits or a path; its test rows are used',
  },
  examples: [
    'reconstruct runs/three mnist --out pairs.png',
    'reconstruct runs/three mnist --normal 8 --count 20 --out eights.png',
  ],
  flags(command) {
    command
      .option('--out <file>', 'picture to write, .png or .svg')
      .option('--count <images>', 'how many, spread evenly over the rows (default: 10)', count, 10);
    return addSessionFlags(addClassFlags(command, 'show only classes'));
  },
  async run(context, flags, folder = '', data = '') {
    const out = requireFlag(flags.out, '--out <file>');
    await checkPictureFile(out);
    const detector = await load(folder, sessionOf(flags));
    if (asTableDetector(detector) !== undefined) {
      throw new OddityError(
        'UNSUPPORTED',
        `reconstruct draws images, and ${folder} knows a table; see what it expects of a row with: oddity explain`,
      );
    }
    const dataset = await openData(context, data);
    const { normal, anomaly } = chooseClasses(dataset, flags);
    const wanted =
      normal === undefined && anomaly === undefined
        ? {}
        : { normal: [...(normal ?? []), ...(anomaly ?? [])] };
    const rows = rowsOfClasses(dataset.test, wanted, dataset.classNames).normal;
    const number = Math.min(flags.count, rows.length);
    const spread = Array.from(
      { length: number },
      (_, i) => rows[Math.floor((i * rows.length) / number)] ?? 0,
    );
    const { drawReconstructions } = await import('../measuring/pictures.ts');
    await writePicture(
      out,
      await drawReconstructions(detector, selectRows(dataset.test, spread), dataset.classNames),
    );
    await detector.close();
    context.print(
      { detector: folder, data: dataset.name, out, count: number, rows: spread },
      () => `${out}: ${number} test images of ${dataset.name}, their reconstructions and where they differ`,
    );
  },
});

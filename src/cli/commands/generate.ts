// `oddity generate`: new images or rows from what a detector has learnt.
import { resolveClass } from '../../data/select.ts';
import { load } from '../../detect/storage.ts';
import { defineCommand } from '../command.ts';
import {
  addSessionFlags,
  count,
  positive,
  requireFlag,
  type SessionFlags,
  sessionOf,
  wholeNumber,
} from '../flags.ts';
import { checkPictureFile, writePicture } from '../output-file.ts';
import { generateRows } from '../tables/generate.ts';
import { asTableDetector, refuseFlags } from '../tables/kind.ts';

interface Flags extends SessionFlags {
  readonly count: number;
  readonly class?: string;
  readonly seed: number;
  readonly temperature?: number;
  readonly out?: string;
}

export const generate = defineCommand<Flags>({
  usage: 'generate <detector>',
  summary: 'draw new images or rows from what a detector has learnt',
  arguments: { detector: 'folder that train wrote' },
  examples: [
    'generate runs/three --count 20 --out samples.png',
    'generate runs/fraud --count 1000 --out made-up.csv',
    'generate runs/conditional --class 2 --temperature 0.7 --out twos.png',
  ],
  flags(command) {
    command
      .option('--out <file>', 'picture to write, .png or .svg; of a table, .csv (default: standard output)')
      .option('--count <number>', 'how many (default: 10)', count, 10)
      .option('--class <class>', 'number or name, where the model knows classes')
      .option('--seed <number>', 'equal seeds give equal results (default: 0)', wholeNumber, 0)
      .option('--temperature <factor>', 'below 1: more typical ones (default: 1)', positive);
    return addSessionFlags(command);
  },
  async run(context, flags, folder = '') {
    const { count, seed, temperature } = flags;
    const detector = await load(folder, sessionOf(flags));
    const table = asTableDetector(detector);
    if (table !== undefined) {
      refuseFlags(flags, ['class'], 'tables');
      await generateRows(context, table, folder, flags);
      await detector.close();
      return;
    }
    const out = requireFlag(flags.out, '--out <file>');
    await checkPictureFile(out);
    const { data } = detector.manifest;
    const label = flags.class === undefined ? undefined : resolveClass(data, flags.class);
    const images = await detector.generate(count, {
      seed,
      ...(label === undefined ? {} : { class: label }),
      ...(temperature === undefined ? {} : { temperature }),
    });
    await detector.close();
    const { imageSheet } = await import('../../report/index.ts');
    const what = label === undefined ? '' : ` of class ${data.classNames[label] ?? label}`;
    const title = `${count} ${count === 1 ? 'image' : 'images'}${what} drawn by ${folder}`;
    await writePicture(
      out,
      await imageSheet(images, { title, subtitle: `trained on ${data.name}, seed ${seed}` }),
    );
    context.print({ detector: folder, out, count, seed }, () => `${out}: ${title}`);
  },
});

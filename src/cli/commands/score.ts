// `oddity score`: a score, a p-value and a verdict for each row.
import { Option } from 'commander';
import { outputFormat } from '../../data/tables/write-table.ts';
import { load } from '../../detect/storage.ts';
import { OddityError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { addSessionFlags, number, rate, type SessionFlags, sessionOf } from '../flags.ts';
import { type ImageScoreFlags, scoreImages } from '../images/score.ts';
import { checkOutputFile } from '../output-file.ts';
import { addHistoryFlag, addReadFlags, readFlagNames } from '../tables/flags.ts';
import { asTableDetector, refuseFlags } from '../tables/kind.ts';
import { scoreTable, type TableScoreFlags } from '../tables/score.ts';

interface Flags extends SessionFlags, Pick<ImageScoreFlags, 'split'>, Omit<TableScoreFlags, 'threads'> {
  readonly threshold?: number;
}

export const score = defineCommand<Flags>({
  usage: 'score <detector> <data>',
  summary: 'score each row: score, p-value, verdict',
  arguments: { detector: 'folder that train wrote', data: 'mnist, fashion-mnist, digits, or a path' },
  examples: [
    'score runs/fraud new.parquet --out scored.parquet',
    "score runs/logs 'today/*.csv' --on-bad-row skip --out scored.csv.gz",
    'score runs/three mnist --out scores.csv',
    'score runs/three images-idx3-ubyte.gz | head',
    'score runs/three mnist --split train --false-alarm-rate 0.1% --json',
  ],
  flags(command) {
    command
      .option('--out <file>', 'CSV; for tables also .parquet, .tsv, .jsonl (default: standard output)')
      .option('--false-alarm-rate <rate>', "for the verdict (default: the detector's)", rate)
      .option('--threshold <score>', 'for the verdict instead: scores above it are anomalies', number)
      .addOption(
        new Option('--split <rows>', 'of images: train, test or all (default: test; all for paths)').choices([
          'train',
          'test',
          'all',
        ]),
      );
    return addSessionFlags(addHistoryFlag(addReadFlags(command)));
  },
  async run(context, flags, folder = '', data = '') {
    const { out, falseAlarmRate, threshold: given } = flags;
    if (falseAlarmRate !== undefined && given !== undefined) {
      throw new OddityError(
        'BAD_USAGE',
        '--threshold and --false-alarm-rate both decide the verdict: give one',
      );
    }
    if (out !== undefined) await checkOutputFile(out);
    const detector = await load(folder, sessionOf(flags));
    const threshold = given ?? detector.threshold(falseAlarmRate);
    const table = asTableDetector(detector);
    if (table === undefined) {
      refuseFlags(flags, readFlagNames, 'images');
      await scoreImages(context, detector, folder, data, threshold, flags);
    } else {
      refuseFlags(flags, ['split'], 'tables');
      if (out !== undefined) outputFormat(out);
      await scoreTable(context, table, folder, data, threshold, flags);
    }
    await detector.close();
  },
});

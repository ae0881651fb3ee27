// `oddity explain`: why rows have the scores they have, column by column.
import { load } from '../../detect/storage.ts';
import { OddityError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { addSessionFlags, count, number, rate, type SessionFlags, sessionOf } from '../flags.ts';
import { type ExplainFlags, explainTable } from '../tables/explain.ts';
import { addHistoryFlag, addReadFlags, rowList } from '../tables/flags.ts';
import { asTableDetector } from '../tables/kind.ts';

interface Flags extends SessionFlags, Omit<ExplainFlags, 'threads'> {
  readonly falseAlarmRate?: number;
  readonly threshold?: number;
}

export const explain = defineCommand<Flags>({
  usage: 'explain <detector> <data>',
  summary: "show what each column adds to a row's score",
  arguments: { detector: 'folder that train wrote', data: 'a JSON file with a row, or any table' },
  examples: [
    'explain runs/fraud row.json',
    'explain runs/fraud new.parquet --row 1742',
    'explain runs/fraud new.csv --count 3 --json',
  ],
  flags(command) {
    command
      .option('--row <numbers>', 'which rows, from 0 as score counts them (default: the first)', rowList)
      .option('--count <rows>', 'so many first rows instead', count)
      .option('--top <columns>', 'columns shown, the most contributing first (default: 20)', count)
      .option('--false-alarm-rate <rate>', "for the verdict (default: the detector's)", rate)
      .option('--threshold <score>', 'for the verdict instead: scores above it are anomalies', number);
    return addSessionFlags(addHistoryFlag(addReadFlags(command)));
  },
  async run(context, flags, folder = '', data = '') {
    if (flags.row !== undefined && flags.count !== undefined) {
      throw new OddityError('BAD_USAGE', '--row and --count both say which rows: give one of them');
    }
    const detector = await load(folder, sessionOf(flags));
    const table = asTableDetector(detector);
    if (table === undefined) {
      throw new OddityError(
        'UNSUPPORTED',
        `explain is for tables, and ${folder} knows images; see where images differ with: oddity reconstruct`,
      );
    }
    const threshold = flags.threshold ?? detector.threshold(flags.falseAlarmRate);
    await explainTable(context, table, folder, data, threshold, flags);
    await detector.close();
  },
});

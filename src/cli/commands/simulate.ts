// `oddity simulate`: made-up data with labelled anomalies, for trying things out.
import { stat } from 'node:fs/promises';
import { fraudPatterns, type TransactionDay, transactionsCsv } from '../../data/transactions.ts';
import { OddityError } from '../../errors.ts';
import { formatShare } from '../../report/format.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { count, countUpTo, requireFlag, share, wholeNumber } from '../flags.ts';
import { checkOutputFile, streamOutputFile } from '../output-file.ts';

interface Flags {
  readonly out?: string;
  readonly customers: number;
  readonly terminals: number;
  readonly days: number;
  readonly fraud: number;
  readonly seed: number;
  readonly start: string;
  readonly overwrite?: true;
}

export const simulate = defineCommand<Flags>({
  usage: 'simulate <what>',
  summary: 'make up data with labelled anomalies: card transactions with fraud',
  arguments: { what: 'transactions' },
  examples: [
    'simulate transactions --out transactions.csv',
    'simulate transactions --customers 5000 --days 90 --fraud 0.5% --out transactions.csv.gz',
  ],
  flags(command) {
    return command
      .option('--out <file>', 'CSV file to write, .csv or .csv.gz')
      .option('--customers <count>', 'who pay, each about twice a day (default: 1000)', count, 1000)
      .option('--terminals <count>', 'where they pay (default: 2000)', count, 2000)
      .option('--days <count>', 'how long (default: 60)', countUpTo(36_500), 60)
      .option('--fraud <rate>', 'share of transactions that are fraud (default: 0.8%)', share(0.2), 0.008)
      .option('--seed <number>', 'equal seeds give equal files (default: 0)', wholeNumber, 0)
      .option('--start <date>', 'the first day (default: 2024-01-01)', '2024-01-01')
      .option('--overwrite', 'replace the file that is there');
  },
  async run(context, flags, what = '') {
    if (what !== 'transactions') {
      throw new OddityError('BAD_USAGE', `expected 'transactions', got '${what}'; nothing else is simulated`);
    }
    const out = requireFlag(flags.out, '--out <file>');
    const tally = createTally();
    const onDay = watchDays(context, flags.days, tally.add);
    const { customers, terminals, days, fraud, seed, start } = flags;
    const pieces = transactionsCsv({ customers, terminals, days, fraud, seed, start, onDay: onDay.see });
    await checkTarget(out, flags.overwrite === true);
    await streamOutputFile(out, pieces, context.signal).finally(onDay.stop);
    const summary = { out, ...tally.sums(), customers, terminals, days, start, seed };
    const number = (value: number) => value.toLocaleString('en-US');
    context.print(
      summary,
      () =>
        `${out}: ${number(summary.transactions)} transactions, ${number(summary.frauds)} of them fraud (${formatShare(summary.fraudShare)})`,
    );
  },
});

/** Throws BAD_USAGE for another ending, or a file that is there and may stay; STORAGE. */
async function checkTarget(path: string, overwrite: boolean): Promise<void> {
  if (!/\.csv(\.gz)?$/i.test(path)) {
    throw new OddityError('BAD_USAGE', `expected a file's name ending in .csv or .csv.gz, got '${path}'`);
  }
  const there = await stat(path).catch(() => undefined);
  if (there?.isFile() && !overwrite) {
    throw new OddityError(
      'BAD_USAGE',
      `${path} is there already; choose another name, or replace it with --overwrite`,
    );
  }
  await checkOutputFile(path);
}

/** Counts what the days hold. */
function createTally() {
  const patterns = Object.fromEntries(fraudPatterns.map((pattern) => [pattern, 0]));
  let transactions = 0;
  return {
    add(day: TransactionDay): void {
      transactions += day.transactions.length;
      for (const { fraud_pattern } of day.transactions) {
        if (fraud_pattern !== 'none') patterns[fraud_pattern] = (patterns[fraud_pattern] ?? 0) + 1;
      }
    },
    sums() {
      const frauds = Object.values(patterns).reduce((sum, each) => sum + each, 0);
      return { transactions, frauds, fraudShare: transactions === 0 ? 0 : frauds / transactions, patterns };
    },
  };
}

/** Hands each day on, and moves a bar where the work takes longer than two seconds. */
function watchDays(context: Context, days: number, see: (day: TransactionDay) => void) {
  const progress = context.progress();
  const began = performance.now();
  let done = 0;
  return {
    see(day: TransactionDay): void {
      see(day);
      done++;
      if (performance.now() - began > 2000) progress.update(done / days, `day ${done} of ${days}`);
    },
    stop: () => progress.stop(),
  };
}

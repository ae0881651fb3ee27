// `oddity score`: a score, a p-value and a verdict for each row, as CSV or JSON.

import { Option } from 'commander';
import { datasetNames } from '../../data/sources.ts';
import { load } from '../../detect/storage.ts';
import { defineCommand } from '../command.ts';
import { openData } from '../data.ts';
import { addSessionFlags, rate, type SessionFlags, sessionOf } from '../flags.ts';
import { scoreRecords, toCsv } from '../measuring/score-records.ts';
import { checkOutputFile, writeOutputFile } from '../output-file.ts';

interface Flags extends SessionFlags {
  readonly split?: 'train' | 'test' | 'all';
  readonly falseAlarmRate?: number;
  readonly out?: string;
}

export const score = defineCommand<Flags>({
  usage: 'score <detector> <data>',
  summary: 'score each row: score, p-value, verdict',
  arguments: { detector: 'folder that train wrote', data: 'mnist, fashion-mnist, digits or a path' },
  examples: [
    'score runs/three mnist --out scores.csv',
    'score runs/three images-idx3-ubyte.gz | head',
    'score runs/three mnist --split train --false-alarm-rate 0.1% --json',
  ],
  flags(command) {
    command
      .option('--out <file>', 'CSV file (default: standard output)')
      .addOption(
        new Option('--split <rows>', 'which rows: train, test or all (default: test; all for paths)').choices(
          ['train', 'test', 'all'],
        ),
      )
      .option('--false-alarm-rate <rate>', "for the verdict (default: the detector's)", rate);
    return addSessionFlags(command);
  },
  async run(context, flags, folder = '', data = '') {
    const { out, falseAlarmRate } = flags;
    const { split = datasetNames.includes(data.toLowerCase()) ? 'test' : 'all' } = flags;
    if (out !== undefined) await checkOutputFile(out);
    const detector = await load(folder, sessionOf(flags));
    const threshold = detector.threshold(falseAlarmRate);
    const dataset = await openData(context, data, { split: split === 'all' ? 'all' : 'standard' });
    const images = split === 'train' ? dataset.train : dataset.test;
    const progress = context.progress();
    const scores = await detector
      .score(images, {
        signal: context.signal,
        onProgress: (done, total) => progress.update(done / total, `scoring ${total} images`),
      })
      .finally(() => progress.stop());
    await detector.close();
    const records = scoreRecords(scores, images.labels, threshold);
    const anomalies = records.filter(({ verdict }) => verdict === 'anomaly').length;
    const summary = {
      detector: folder,
      data: dataset.name,
      split,
      rows: images.count,
      anomalies,
      threshold,
      falseAlarmRate: falseAlarmRate ?? detector.manifest.falseAlarmRate,
    };
    if (out === undefined) {
      context.print({ ...summary, scores: records }, () => toCsv(records).trimEnd());
      return;
    }
    await writeOutputFile(out, toCsv(records));
    const number = (value: number) => value.toLocaleString('en-US');
    context.print(
      { ...summary, out },
      () => `${out}: ${number(images.count)} rows, ${number(anomalies)} anomalies`,
    );
  },
});

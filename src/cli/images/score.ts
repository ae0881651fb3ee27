// `oddity score` for images: all of them at once, as CSV or JSON.
import { datasetNames } from '../../data/sources.ts';
import { type Detector, knowsClasses } from '../../detect/detector.ts';
import type { Context } from '../context.ts';
import { openData } from '../data.ts';
import { scoreRecords, toCsv } from '../measuring/score-records.ts';
import { writeOutputFile } from '../output-file.ts';

export interface ImageScoreFlags {
  readonly split?: 'train' | 'test' | 'all';
  readonly falseAlarmRate?: number;
  readonly out?: string;
}

export async function scoreImages(
  context: Context,
  detector: Detector,
  folder: string,
  data: string,
  threshold: number,
  { out, falseAlarmRate, ...flags }: ImageScoreFlags,
): Promise<void> {
  const { split = datasetNames.includes(data.toLowerCase()) ? 'test' : 'all' } = flags;
  const dataset = await openData(context, data, { split: split === 'all' ? 'all' : 'standard' });
  const images = split === 'train' ? dataset.train : dataset.test;
  const progress = context.progress();
  const scores = await detector
    .score(images, {
      signal: context.signal,
      onProgress: (done, total) => progress.update(done / total, `scoring ${total} images`),
    })
    .finally(() => progress.stop());
  const { classNames } = detector.manifest.data;
  const closest = knowsClasses(detector.parts)
    ? Array.from(await detector.closestClass(images), (label) => classNames[label] ?? String(label))
    : undefined;
  const records = scoreRecords(scores, images.labels, threshold, 0, closest);
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
}

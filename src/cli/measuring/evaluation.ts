// A detector on labelled test rows: the metrics, as JSON and in words. Shared by `evaluate` and `demo`.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import type { Detector, Scores } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import { detectionMetrics } from '../../evaluate/metrics.ts';
import { formatNumber, formatShare } from '../../report/format.ts';
import type { Context } from '../context.ts';
import { type ClassChoice, describeClasses } from '../data.ts';
import { alignPairs, alignRows } from '../text-table.ts';

/** The rows judged, in order, with their truth and scores. */
export interface Judged {
  readonly images: ImageSet;
  readonly isAnomaly: Uint8Array;
  readonly scores: Scores;
}

export type Evaluation = ReturnType<typeof measure>;

/** The classes that count as normal unless flags say otherwise: those of the training. Throws BAD_USAGE. */
export function classesOf(detector: Detector, dataset: ImageDataset, chosen: ClassChoice): ClassChoice {
  if (chosen.normal !== undefined || chosen.anomaly !== undefined) return chosen;
  const { data } = detector.manifest;
  const [trained, here] = [data.classNames.join(), dataset.classNames.join()];
  if (data.normalClasses.length > 0 && trained === here) return { normal: data.normalClasses };
  const why =
    data.normalClasses.length === 0
      ? `every class of ${data.name} was normal in training`
      : `the detector was trained on ${data.name}, whose classes are others`;
  throw new OddityError(
    'BAD_USAGE',
    `evaluation needs normal and anomalous rows, and ${why}; say with --normal or --anomaly which classes of ${dataset.name} are which`,
  );
}

/** Scores the test rows of both kinds. Throws BAD_USAGE where one kind is missing. */
export async function judge(
  context: Context,
  detector: Detector,
  dataset: ImageDataset,
  classes: ClassChoice,
): Promise<Judged> {
  const { normal, anomaly } = rowsOfClasses(dataset.test, classes, dataset.classNames);
  if (normal.length === 0 || anomaly.length === 0) {
    throw new OddityError(
      'BAD_USAGE',
      `evaluation needs normal and anomalous rows, got ${normal.length} and ${anomaly.length} of ${dataset.name}; choose with --normal or --anomaly`,
    );
  }
  const images = selectRows(dataset.test, [...normal, ...anomaly]);
  const isAnomaly = new Uint8Array(images.count).fill(1, normal.length);
  const progress = context.progress();
  try {
    const scores = await detector.score(images, {
      signal: context.signal,
      onProgress: (done, total) => progress.update(done / total, `scoring ${total} images`),
    });
    return { images, isAnomaly, scores };
  } finally {
    progress.stop();
  }
}

/** Metrics of the combined score and of each score alone, and the alarms at a false-alarm rate. */
export function measure(
  { scores, isAnomaly }: Pick<Judged, 'scores' | 'isAnomaly'>,
  detector: Pick<Detector, 'manifest' | 'threshold'>,
  falseAlarmRate?: number,
) {
  const threshold = detector.threshold(falseAlarmRate);
  const metrics = detectionMetrics(scores.score, isAnomaly);
  const alarms = scores.score.filter((value, row) => value > threshold && isAnomaly[row] === 0).length;
  const caught = scores.score.filter((value, row) => value > threshold && isAnomaly[row] === 1).length;
  return {
    ...metrics,
    falseAlarmRateAsked: falseAlarmRate ?? detector.manifest.falseAlarmRate,
    falseAlarmRate: alarms / (metrics.n - metrics.positives),
    recall: caught / metrics.positives,
    threshold,
    scores: Object.fromEntries(
      Object.entries(scores.terms).map(([name, values]) => {
        const { auroc, averagePrecision, recallAtFpr01 } = detectionMetrics(values, isAnomaly);
        return [name, { auroc, averagePrecision, recallAtFpr01 }];
      }),
    ),
  };
}

export function describeEvaluation(
  result: Evaluation,
  detector: Detector,
  dataset: ImageDataset,
  { images, isAnomaly }: Judged,
): string {
  const { combination } = detector.manifest.training.scoring;
  const line = (name: string, each: { auroc: number; averagePrecision: number; recallAtFpr01: number }) => [
    name,
    each.auroc.toFixed(4),
    each.averagePrecision.toFixed(4),
    formatShare(each.recallAtFpr01),
  ];
  const classes = (kind: number) => {
    const labels = new Set(images.labels?.filter((_, row) => isAnomaly[row] === kind));
    return describeClasses([...labels], dataset.classNames);
  };
  const number = (value: number) => value.toLocaleString('en-US');
  const used = (name: string) => ((combination[name] ?? 0) > 0 ? '+ ' : '  ') + name;
  return [
    alignPairs([
      ['normal', `${classes(0)} (${number(result.n - result.positives)} test images of ${dataset.name})`],
      ['anomalies', `${classes(1)} (${number(result.positives)} images)`],
    ]),
    '',
    alignRows([
      ['(+ counts in the whole)', 'AUROC', 'average precision', 'caught at 1% false alarms'],
      line('Oddity', result),
      ...Object.entries(result.scores).map(([name, each]) => line(used(name), each)),
    ]),
    '',
    alignPairs([
      [
        'false alarms',
        `asked ${formatShare(result.falseAlarmRateAsked)}, measured ${formatShare(result.falseAlarmRate)} of normal images`,
      ],
      ['caught', `${formatShare(result.recall)} of anomalies at threshold ${formatNumber(result.threshold)}`],
    ]),
  ].join('\n');
}

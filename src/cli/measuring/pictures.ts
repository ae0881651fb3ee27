// The pictures of a detector and of an evaluation, for --pictures and the demo.
// Loaded only when a picture is asked for: charts and fonts take a while.
import type { ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';
import type { Detector } from '../../detect/detector.ts';
import { rocCurve as rocPoints } from '../../evaluate/metrics.ts';
import { formatNumber } from '../../report/format.ts';
import {
  extremesSheet,
  type Figure,
  imageSheet,
  reconstructionSheet,
  rocCurve,
  scoreHistogram,
  trainingCurve,
  writeFigures,
} from '../../report/index.ts';
import type { Evaluation, Judged } from './evaluation.ts';

/** Losses, new images, and reconstructions of `normal` images. Returns the files written. */
export async function drawTraining(detector: Detector, normal: ImageSet, folder: string): Promise<string[]> {
  const { history, data, training } = detector.manifest;
  const epochs = history.map((record) => ({
    ...record,
    epoch: record.member * training.epochs + record.epoch,
  }));
  return writeFigures(folder, [
    await trainingCurve(epochs),
    await drawSamples(detector),
    await drawReconstructions(detector, selectRows(normal, evenly(normal.count, 10)), data.classNames),
  ]);
}

/** Scores, ROC, both extremes, and reconstructions of anomalies. Returns the files written. */
export async function drawEvaluation(
  detector: Detector,
  { images, isAnomaly, scores }: Judged,
  result: Evaluation,
  classNames: readonly string[],
  folder: string,
): Promise<string[]> {
  const { score, pValue } = scores;
  const rows = Array.from(score, (_, row) => row);
  const ordered = rows.toSorted((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const captions = (chosen: readonly number[]) =>
    chosen.map((row) => caption(images.labels?.[row], pValue[row] ?? 1, classNames));
  const [most, least] = [ordered.slice(0, 24), ordered.slice(-24).reverse()];
  const anomalies = rows.filter((row) => isAnomaly[row] === 1);
  const shown = evenly(anomalies.length, 10).map((place) => anomalies[place] ?? 0);
  return writeFigures(folder, [
    ...(await scoreFigures({ scores, isAnomaly }, result)),
    await extremesSheet({
      most: selectRows(images, most),
      least: selectRows(images, least),
      mostCaptions: captions(most),
      leastCaptions: captions(least),
    }),
    await drawReconstructions(detector, selectRows(images, shown), classNames, {
      name: 'anomaly-reconstructions',
      title: 'Anomalies as the model reconstructs them',
    }),
  ]);
}

type Scored = Pick<Judged, 'scores' | 'isAnomaly'>;
type Operating = Pick<
  Evaluation,
  'threshold' | 'falseAlarmRateAsked' | 'auroc' | 'falseAlarmRate' | 'recall'
>;

/** Scores and ROC alone, which need no images. Returns the files written. */
export async function drawScores(scored: Scored, result: Operating, folder: string): Promise<string[]> {
  return writeFigures(folder, await scoreFigures(scored, result));
}

async function scoreFigures({ scores: { score }, isAnomaly }: Scored, result: Operating): Promise<Figure[]> {
  return [
    await scoreHistogram({
      normal: score.filter((_, row) => isAnomaly[row] === 0),
      anomalous: score.filter((_, row) => isAnomaly[row] === 1),
      threshold: result.threshold,
      askedFalseAlarmRate: result.falseAlarmRateAsked,
    }),
    await rocCurve({
      ...rocPoints(score, isAnomaly),
      auroc: result.auroc,
      operatingPoint: { falsePositiveRate: result.falseAlarmRate, truePositiveRate: result.recall },
    }),
  ];
}

/** Originals over reconstructions over each pixel's share of the score. */
export async function drawReconstructions(
  detector: Detector,
  originals: ImageSet,
  classNames: readonly string[],
  options: { readonly name?: string; readonly title?: string } = {},
): Promise<Figure> {
  const { pValue } = await detector.score(originals);
  return reconstructionSheet({
    originals,
    reconstructions: await detector.reconstruct(originals),
    errors: await detector.explain(originals),
    captions: Array.from(pValue, (p, row) => caption(originals.labels?.[row], p, classNames)),
    errorLabel: 'contribution of each pixel to the score',
    ...options,
  });
}

async function drawSamples(detector: Detector): Promise<Figure> {
  const { data } = detector.manifest;
  return imageSheet(await detector.generate(40), {
    name: 'samples',
    title: 'New images drawn by the model',
    subtitle: `trained on ${data.name}`,
  });
}

function caption(label: number | undefined, p: number, classNames: readonly string[]): string {
  const chance = `p ${p < 0.001 ? '< 0.001' : formatNumber(Number(p.toPrecision(2)))}`;
  return label === undefined ? chance : `${classNames[label] ?? label}\n${chance}`;
}

function evenly(count: number, wanted: number): number[] {
  const number = Math.min(count, wanted);
  return Array.from({ length: number }, (_, i) => Math.floor((i * count) / number));
}

// The published comparisons: one class normal, and one class left out; training on official training images,
// AUROC on all official test images. The last epoch counts, no test label chooses anything.
import type { ImageDataset } from '../data/dataset.ts';
import { rowsOfClasses, selectRows } from '../data/select.ts';
import type { Choices } from '../detect/settings.ts';
import { type TrainOptions, trainSteps } from '../detect/train.ts';
import { type DetectionMetrics, detectionMetrics } from './metrics.ts';
import { type PublishedRow, publishedRows } from './published.ts';

export interface Protocol {
  readonly title: string;
  readonly dataset: 'mnist' | 'fashion-mnist';
  /** What the tested class is: the only normal one, or the only anomaly. */
  readonly role: 'normal' | 'anomaly';
}

export const protocols = {
  'mnist-one-class': { title: 'MNIST, one digit normal', dataset: 'mnist', role: 'normal' },
  'fashion-one-class': { title: 'Fashion-MNIST, one class normal', dataset: 'fashion-mnist', role: 'normal' },
  'mnist-leave-one-out': { title: 'MNIST, one digit the anomaly', dataset: 'mnist', role: 'anomaly' },
} as const satisfies Record<string, Protocol>;
export type ProtocolName = keyof typeof protocols;

/** One detector trained and tested. */
export interface ProtocolCell {
  readonly class: number;
  readonly seed: number;
  readonly metrics: DetectionMetrics;
  /** AUROC of each score alone. */
  readonly terms: Readonly<Record<string, number>>;
  /** Share of normal test rows that raise an alarm at the rate asked for. */
  readonly falseAlarmRate: number;
  readonly seconds: number;
  /** The part of `seconds` that scoring the test images took. */
  readonly scoringSeconds: number;
}

export type ProtocolRecord =
  | { readonly kind: 'progress'; readonly class: number; readonly seed: number; readonly progress: number }
  | { readonly kind: 'cell'; readonly cell: ProtocolCell; readonly progress: number };

export interface ProtocolResult {
  readonly protocol: ProtocolName;
  readonly title: string;
  readonly classes: readonly number[];
  readonly classNames: readonly string[];
  readonly seeds: number;
  readonly falseAlarmRateAsked: number;
  readonly cells: readonly ProtocolCell[];
  /** AUROC in percent per class, mean over seeds, in the order of `classes`. */
  readonly perClass: readonly number[];
  readonly mean: number;
  /** Standard deviation over seeds of the mean over classes; 0 for one seed. */
  readonly deviation: number;
  readonly published: readonly PublishedRow[];
  /** Wall time of training and scoring, all cells. */
  readonly seconds: number;
}

export interface ProtocolOptions extends Pick<TrainOptions, 'session' | 'signal'> {
  readonly seeds?: number;
  /** Class numbers; all by default. */
  readonly classes?: readonly number[];
  readonly choices?: Choices;
}

const asked = 0.01;

export interface CellOptions extends Pick<TrainOptions, 'session' | 'signal'> {
  readonly class: number;
  readonly seed: number;
  readonly choices?: Choices;
}

/**
 * Trains one detector on the training images of any labelled data set that are normal by the class's role, and tests
 * it on all test images. Yields the share of the work done, 0..1. Throws as `trainSteps` does.
 */
export async function* runCell(
  role: Protocol['role'],
  dataset: ImageDataset,
  { class: label, seed, choices = {}, ...run }: CellOptions,
): AsyncGenerator<number, ProtocolCell> {
  const began = performance.now();
  const side = role === 'normal' ? { normal: [label] } : { anomaly: [label] };
  const normal = selectRows(dataset.train, rowsOfClasses(dataset.train, side, dataset.classNames).normal);
  const training = trainSteps(normal, { ...choices, ...run, seed });
  let next = await training.next();
  for (; !next.done; next = await training.next()) {
    yield 0.9 * (next.value.kind === 'calibrating' ? 1 : next.value.progress);
  }
  const detector = next.value;
  const scoringBegan = performance.now();
  const { score, terms } = await detector.score(dataset.test, run.signal ? { signal: run.signal } : {});
  const scoringSeconds = (performance.now() - scoringBegan) / 1000;
  const limit = detector.threshold();
  await detector.close();
  const isAnomaly = Uint8Array.from(dataset.test.labels ?? [], (each) =>
    Number((each === label) !== (role === 'normal')),
  );
  const alarms = score.filter((value, row) => isAnomaly[row] === 0 && value > limit).length;
  const metrics = detectionMetrics(score, isAnomaly);
  return {
    class: label,
    seed,
    metrics,
    terms: Object.fromEntries(
      Object.entries(terms).map(([name, values]) => [name, detectionMetrics(values, isAnomaly).auroc]),
    ),
    falseAlarmRate: alarms / (metrics.n - metrics.positives),
    seconds: (performance.now() - began) / 1000,
    scoringSeconds,
  };
}

/** Trains and tests one detector per class and seed on `dataset`, which must be the protocol's. */
export async function* runProtocol(
  protocol: ProtocolName,
  dataset: ImageDataset,
  { seeds = 1, classes = dataset.classNames.map((_, i) => i), choices, ...run }: ProtocolOptions = {},
): AsyncGenerator<ProtocolRecord, ProtocolResult> {
  const { title, role } = protocols[protocol];
  const cells: ProtocolCell[] = [];
  const total = seeds * classes.length;
  for (let seed = 0; seed < seeds; seed++) {
    for (const label of classes) {
      const running = runCell(role, dataset, {
        ...run,
        choices: { ...choices, falseAlarmRate: asked },
        class: label,
        seed,
      });
      let next = await running.next();
      for (; !next.done; next = await running.next()) {
        yield { kind: 'progress', class: label, seed, progress: (cells.length + next.value) / total };
      }
      cells.push(next.value);
      yield { kind: 'cell', cell: next.value, progress: cells.length / total };
    }
  }
  const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const auroc = (of: (cell: ProtocolCell) => boolean): number =>
    100 * meanOf(cells.filter(of).map(({ metrics }) => metrics.auroc));
  const perSeed = Array.from({ length: seeds }, (_, seed) => auroc((cell) => cell.seed === seed));
  const mean = meanOf(perSeed);
  const deviation = seeds > 1 ? Math.sqrt(perSeed.reduce((s, v) => s + (v - mean) ** 2, 0) / (seeds - 1)) : 0;
  return {
    protocol,
    title,
    classes,
    classNames: classes.map((label) => dataset.classNames[label] ?? String(label)),
    seeds,
    falseAlarmRateAsked: asked,
    cells,
    perClass: classes.map((label) => auroc((cell) => cell.class === label)),
    mean,
    deviation,
    published: publishedRows[protocol],
    seconds: cells.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

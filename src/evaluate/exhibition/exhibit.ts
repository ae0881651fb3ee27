// Everything that a report shows of one detector, gathered from it and its data.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';
import { type Detector, knowsClasses } from '../../detect/detector.ts';
import { layoutOf } from '../../detect/training-step.ts';
import { imageDomain } from '../../models/image-domain.ts';
import { models as modelTable } from '../../models/index.ts';
import { createRandom, fillNormal } from '../../nn/random.ts';
import { kindOf } from '../comparison/generator.ts';
import { realDistanceOf } from '../comparison/run.ts';
import { spreadOf } from '../comparison/spread.ts';
import { lossOscillation } from '../comparison/stability.ts';
import type { Classifier } from '../generation/classifier.ts';
import { memorisation, relativeSharpness } from '../generation/image-measures.ts';
import { type InterpolationMeasures, interpolationMeasures } from '../generation/interpolation.ts';
import { featureCount } from '../generation/lenet.ts';
import { measureGeneration } from '../generation/measure.ts';
import { toPoints } from '../generation/points.ts';
import { judgeDetection } from './detection.ts';
import { evenly } from './evenly.ts';
import { decodeAsOne, showGeneration } from './generation.ts';
import { mapCodes } from './latent-map.ts';
import type { ModelLabel } from './model-labels.ts';
import type { HeatMaps, ModelExhibit } from './records.ts';
import type { Snapshot } from './training-watch.ts';

export interface ExhibitSource {
  readonly detector: Detector;
  readonly called: ModelLabel;
  readonly snapshots: readonly Snapshot[];
  readonly dataset: ImageDataset;
  /** Normal training images. */
  readonly train: ImageSet;
  readonly test: ImageSet;
  readonly isAnomaly?: Uint8Array | undefined;
  readonly mapRows: readonly number[];
  /** Class numbers whose images are shown alone. */
  readonly classes: readonly number[];
  readonly classifier?: Classifier | undefined;
  /** Whether fewer pictures are drawn, for a page of many models. */
  readonly isBrief: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done, and which share of it is. */
  readonly onProgress: (doing: string, share: number) => void;
}

/** Images drawn to be measured, and test images reconstructed for their error. */
const measured = { withClassifier: 2000, without: 500, reconstructed: 300 };
const explained = 10;
const pathCount = 100;

/** Gathers it. Throws ABORTED. */
export async function exhibitModel(source: ExhibitSource): Promise<ModelExhibit> {
  const { detector, called, dataset, train, test, isAnomaly, mapRows, classifier, signal } = source;
  const onProgress = (doing: string, share: number): void =>
    source.onProgress(`${called.label}: ${doing}`, share);
  const { manifest } = detector;
  const { model, options } = manifest.training;
  const run = signal === undefined ? {} : { signal };
  const built = modelTable[model].create(imageDomain(test.shape), options);
  await detector.score(selectRows(test, [0]));
  const began = performance.now();
  const { score, pValue } = await detector.score(test, {
    ...run,
    terms: false,
    onProgress: (done, total) => onProgress('scoring test images', done / total),
  });
  const scored = test.count / ((performance.now() - began) / 1000);
  const detection = judgeDetection({
    score,
    pValue,
    isAnomaly,
    labels: test.labels,
    classNames: dataset.classNames,
    threshold: detector.threshold(),
    askedRate: manifest.falseAlarmRate,
  });
  const mapped = selectRows(test, mapRows);
  const codes = await detector.encode(mapped, {
    ...run,
    onProgress: (done, total) => onProgress('encoding test images', done / total),
  });
  const dimension = codes.length / Math.max(1, mapped.count);
  const map = await mapCodes(toPoints(codes, dimension), {
    ...run,
    labels: mapped.labels,
    onProgress: (share) => onProgress('drawing the t-SNE map', share),
  });
  onProgress('drawing images', 0);
  const normal = mapRows.flatMap((row, i) => (isAnomaly?.[row] === 1 ? [] : [i]));
  const normalCodes = Float32Array.from(
    normal.flatMap((i) => [...codes.subarray(i * dimension, (i + 1) * dimension)]),
  );
  const normalTest = selectRows(mapped, normal);
  const generation = await showGeneration({
    detector,
    train,
    dataset,
    test: normalTest,
    codes: normalCodes,
    classes: source.classes,
    classifier,
    isBrief: source.isBrief,
  });
  const drawBegan = performance.now();
  const samples = await detector.generate(classifier ? measured.withClassifier : measured.without, {
    seed: 'measured',
  });
  const drawn = samples.count / ((performance.now() - drawBegan) / 1000);
  onProgress('measuring its images', 0.3);
  const real = { train, test: selectRows(test, normalRows(test, isAnomaly)) };
  const [height, width] = test.shape;
  const watched = manifest.history.at(-1)?.watched?.measures;
  const oscillation = spreadOf(
    Object.values(lossOscillation(manifest.history.filter(({ member }) => member === 0))),
  );
  const tellsClasses = knowsClasses(detector.parts) && test.labels !== undefined;
  return {
    ...called,
    title: modelTable[model].title,
    kind: kindOf(model, built),
    manifest,
    parameters: layoutOf(built).length,
    speeds: { drawn, scored },
    snapshots: evenly(source.snapshots, source.isBrief ? 4 : 8),
    generation,
    map,
    detection,
    heatMaps: await drawHeatMaps(source, score, pValue),
    ...(tellsClasses ? { closest: await detector.closestClass(test, run) } : {}),
    ...(oscillation === undefined ? {} : { oscillation: oscillation.mean }),
    sharpness: Math.min(height, width) < 3 ? Number.NaN : relativeSharpness(samples, real.test),
    memorisation: await memorisation(samples, real, { samples: measured.without, ...run }),
    reconstructionError: await reconstructionError(
      detector,
      selectRows(
        normalTest,
        normalTest.count > measured.reconstructed
          ? Array.from({ length: measured.reconstructed }, (_, i) => i)
          : [...normal.keys()],
      ),
    ),
    ...(watched === undefined ? {} : { watched }),
    ...(classifier === undefined
      ? {}
      : {
          measures: await measureGeneration(samples, real, classifier, run),
          paths: await walkPaths(detector, train, classifier, run),
        }),
  };
}

const normalRows = ({ count }: ImageSet, isAnomaly?: Uint8Array): number[] =>
  Array.from({ length: count }, (_, row) => row).filter((row) => isAnomaly?.[row] !== 1);

/** Seven anomalies and three normal images, as they come; the most anomalous where none is known. */
async function drawHeatMaps(
  { detector, test, isAnomaly, dataset }: ExhibitSource,
  score: Float32Array,
  pValue: Float32Array,
): Promise<HeatMaps> {
  const rows = Array.from(score.keys());
  const odd = rows.filter((row) => isAnomaly?.[row] === 1);
  const chosen =
    odd.length > 0
      ? [
          ...evenly(odd, explained - 3),
          ...evenly(
            rows.filter((row) => isAnomaly?.[row] !== 1),
            3,
          ),
        ]
      : rows.sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0)).slice(0, explained);
  const originals = selectRows(test, chosen);
  const captions = chosen.map((row) => {
    const label = test.labels?.[row];
    const name =
      label === undefined
        ? ''
        : `${dataset.classNames[label] ?? label}\n${isAnomaly === undefined ? '' : isAnomaly[row] === 1 ? 'anomaly\n' : 'normal\n'}`;
    return `${name}p ${Number((pValue[row] ?? 1).toPrecision(2))}`;
  });
  return {
    originals,
    reconstructions: await detector.reconstruct(originals),
    contributions: await detector.explain(originals),
    captions,
  };
}

/** How far and how evenly pictures move along paths between draws from the prior, through the classifier. */
async function walkPaths(
  detector: Detector,
  train: ImageSet,
  classifier: Classifier,
  run: { readonly signal?: AbortSignal },
): Promise<InterpolationMeasures> {
  const dimension = Number(detector.manifest.training.options.latentDim);
  const draw = (key: string) =>
    toPoints(fillNormal(new Float32Array(pathCount * dimension), createRandom(`report/${key}`)), dimension);
  return interpolationMeasures(
    { from: draw('from'), to: draw('to') },
    ({ values }) => decodeAsOne(detector, values),
    async (images) => toPoints((await classifier.look(images, run)).features, featureCount),
    await realDistanceOf(train, classifier, 2000, run),
  );
}

async function reconstructionError(detector: Detector, images: ImageSet): Promise<number> {
  if (images.count === 0) return Number.NaN;
  const { pixels } = await detector.reconstruct(images);
  return (
    pixels.reduce((sum, value, i) => sum + ((value - (images.pixels[i] ?? 0)) / 255) ** 2, 0) / pixels.length
  );
}

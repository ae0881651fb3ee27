// A report's material: which test images are judged and shown, then every detector's exhibit, then what they are held
// against. One choice of rows for all models, made before any of them is looked at.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { rowsOfClasses, selectRows } from '../../data/select.ts';
import type { Detector } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import type { Classifier } from '../generation/classifier.ts';
import { referenceRows } from '../generation/measure.ts';
import { claimsOf } from './claims.ts';
import { rowsInOrder } from './evenly.ts';
import { exhibitModel } from './exhibit.ts';
import { describeImages } from './image-data.ts';
import { labelModels } from './model-labels.ts';
import type { Exhibition, ModelExhibit } from './records.ts';
import type { Snapshot } from './training-watch.ts';

export interface GatherOptions {
  readonly detectors: readonly { readonly detector: Detector; readonly snapshots?: readonly Snapshot[] }[];
  readonly dataset: ImageDataset;
  /** Test images judged, drawn at random; 10,000 unless given. */
  readonly rows?: number;
  /** Test images on the maps; 1,500 unless given, 600 for many detectors. */
  readonly mapped?: number;
  /** Class numbers whose images are shown alone; 2, 3 and 7 where there are such unless given. */
  readonly classes?: readonly number[];
  /** Measures drawn images, where there are classes to tell. */
  readonly classifier?: Classifier;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doing: string, share: number) => void;
}

const shownAlone = [2, 3, 7];
/** Of more detectors less is shown of each, so that a page stays under five megabytes. */
const few = 3;

/** Gathers everything. Throws BAD_DATA, also for detectors that learnt other classes than the first; ABORTED. */
export async function gatherExhibition(options: GatherOptions): Promise<Exhibition> {
  const {
    detectors,
    dataset,
    rows = 10_000,
    mapped = detectors.length > few ? 600 : 1500,
    classifier,
    signal,
    onProgress = () => {},
  } = options;
  requireAlike(detectors.map(({ detector }) => detector));
  const normalClasses: readonly number[] = detectors[0]?.detector.manifest.data.normalClasses ?? [];
  if (dataset.test.count === 0) {
    throw new OddityError(
      'BAD_DATA',
      `expected test images to judge, got none of ${dataset.name}; give more`,
    );
  }
  const learnt = detectors[0]?.detector.manifest.data.rows;
  const classNames = dataset.train.labels === undefined ? [] : dataset.classNames;
  const knows = normalClasses.length > 0 && dataset.test.labels !== undefined;
  const train = knows
    ? selectRows(dataset.train, rowsOfClasses(dataset.train, { normal: normalClasses }, classNames).normal)
    : dataset.train;
  const test = drawInOrder(dataset.test, rows, 'report/rows');
  const isAnomaly = knows
    ? Uint8Array.from(test.labels ?? [], (label) => Number(!normalClasses.includes(label)))
    : undefined;
  const mapRows = rowsInOrder(test.count, mapped, 'report/map');
  const trained = normalClasses.length > 0 ? normalClasses : [...classNames.keys()];
  const standard = shownAlone.filter((label) => trained.includes(label));
  const classes = options.classes ?? (standard.length > 1 ? standard : trained.slice(0, 2));
  onProgress('looking at the data', 0);
  const data = describeImages(dataset);
  const models: ModelExhibit[] = [];
  const labels = labelModels(detectors.map(({ detector }) => detector.manifest));
  for (const [i, { detector, snapshots = [] }] of detectors.entries()) {
    signal?.throwIfAborted();
    const called = labels[i] ?? { name: String(i), label: String(i) };
    models.push(
      await exhibitModel({
        ...{ detector, called, snapshots, dataset, train, test, isAnomaly, mapRows },
        ...{ classifier, signal, onProgress, isBrief: detectors.length > few },
        classes: classNames.length === 0 ? [] : classes.filter((label) => trained.includes(label)),
      }),
    );
  }
  onProgress('measuring what the models are held against', 0);
  const normalTest = selectRows(
    test,
    Array.from({ length: test.count }, (_, row) => row).filter((row) => isAnomaly?.[row] !== 1),
  );
  const count = Math.min(2000, normalTest.count);
  const references =
    classifier === undefined
      ? undefined
      : await referenceRows({ train, test: normalTest }, classifier, { count, ...(signal && { signal }) });
  return {
    data,
    classNames,
    normalClasses,
    normalTraining: learnt === undefined ? train.count : learnt.training + learnt.scale + learnt.calibration,
    test,
    ...(isAnomaly === undefined ? {} : { isAnomaly }),
    testImages: dataset.test.count,
    mapRows,
    models,
    ...(references === undefined ? {} : { references }),
    claims: claimsOf(models),
    ...(classifier === undefined ? {} : { classifierAccuracy: classifier.accuracy }),
  };
}

/** One question cannot be put to detectors that mean different things by normal. */
function requireAlike(detectors: readonly Detector[]): void {
  const learnt = ({ manifest: { data } }: Detector): string =>
    data.normalClasses.length === 0
      ? 'all classes'
      : data.normalClasses.map((label) => data.classNames[label] ?? String(label)).join(', ');
  const [first, ...others] = detectors;
  const other = first && others.find((each) => learnt(each) !== learnt(first));
  if (first === undefined || other === undefined) return;
  throw new OddityError(
    'BAD_DATA',
    `expected detectors that learnt the same classes, got one of ${learnt(first)} and one of ${learnt(other)}; report on each alone`,
  );
}

const drawInOrder = (set: ImageSet, most: number, key: string): ImageSet =>
  set.count <= most ? set : selectRows(set, rowsInOrder(set.count, most, key));

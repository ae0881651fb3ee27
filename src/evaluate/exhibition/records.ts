// What a report on detectors of images shows, as plain records: gathered once, drawn by `report/`.
import type { ImageSet } from '../../data/dataset.ts';
import type { ManifestBody } from '../../detect/manifest.ts';
import type { Claim, ModelKind } from '../comparison/records.ts';
import type { InterpolationMeasures } from '../generation/interpolation.ts';
import type { GenerationMeasures, ReferenceRow } from '../generation/measure.ts';
import type { Detection } from './detection.ts';
import type { Generation } from './generation.ts';
import type { ImageData } from './image-data.ts';
import type { LatentMap } from './latent-map.ts';
import type { Snapshot } from './training-watch.ts';

/** Images per second. */
export interface ModelSpeeds {
  readonly drawn: number;
  readonly scored: number;
}

/** Originals, what a model makes of them, and each pixel's part in the score. */
export interface HeatMaps {
  readonly originals: ImageSet;
  readonly reconstructions: ImageSet;
  readonly contributions: Float32Array;
  readonly captions: readonly string[];
}

/** One model and all that is shown of it. */
export interface ModelExhibit {
  /** In file names; no other model of the report has it. */
  readonly name: string;
  /** In words; likewise. */
  readonly label: string;
  readonly title: string;
  readonly kind: ModelKind;
  readonly manifest: ManifestBody;
  readonly parameters: number;
  readonly speeds: ModelSpeeds;
  /** A few, from the first epoch to the last; none for a detector that was trained before. */
  readonly snapshots: readonly Snapshot[];
  readonly generation: Generation;
  readonly map: LatentMap;
  readonly detection: Detection;
  readonly heatMaps: HeatMaps;
  /** The class closest to each test image, by number; of a model that knows classes. */
  readonly closest?: Uint8Array;
  /** How much the losses swing from epoch to epoch (`lossOscillation`, mean of its parts); not for too few epochs. */
  readonly oscillation?: number;
  /** Sharpness over that of real images. */
  readonly sharpness: number;
  /** Distance of samples to training over that to test images. */
  readonly memorisation: number;
  /** Mean squared error per pixel of the normal test images' reconstructions. */
  readonly reconstructionError: number;
  /** What the last look of the mode watch saw; undefined for a detector that was not watched. */
  readonly watched?: Readonly<Record<string, number>>;
  /** Through a classifier, where there is one. */
  readonly measures?: GenerationMeasures;
  readonly paths?: InterpolationMeasures;
}

/** All that a report shows. */
export interface Exhibition {
  readonly data: ImageData;
  readonly classNames: readonly string[];
  readonly normalClasses: readonly number[];
  /** Normal images that the models were trained and calibrated on. */
  readonly normalTraining: number;
  /** The test images judged. */
  readonly test: ImageSet;
  readonly isAnomaly?: Uint8Array;
  /** How many test images there were to choose from. */
  readonly testImages: number;
  /** Rows of `test` that the maps show. */
  readonly mapRows: readonly number[];
  readonly models: readonly ModelExhibit[];
  /** What the best and the simplest generator reach, through the classifier. */
  readonly references?: readonly ReferenceRow[];
  readonly classifierAccuracy?: number;
  readonly claims?: readonly Claim[];
}

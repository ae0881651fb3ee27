// What a comparison of generative models comes to, as plain JSON, and what it yields on the way.
import type { ImageSet } from '../../data/dataset.ts';
import type { TrainingSettings } from '../../detect/manifest.ts';
import type { ModelName } from '../../models/index.ts';
import type { InterpolationMeasures } from '../generation/interpolation.ts';
import type { LatentMeasures } from '../generation/latent-measures.ts';
import type { GenerationMeasures, ReferenceRow } from '../generation/measure.ts';
import type { ProtocolCell } from '../protocols.ts';
import type { Spread } from './spread.ts';

/** What a model learns from: a likelihood bound, an adversary, or both. */
export type ModelKind = 'variational' | 'adversarial' | 'hybrid';

/** Mean losses of one epoch, per row, and its wall time. */
export interface Epoch {
  readonly epoch: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** How a model's codes of test images lie, and what it makes of them. */
export interface LatentRow extends LatentMeasures, InterpolationMeasures {
  /** Codes measured, one of each test image looked at. */
  readonly count: number;
  /** `priorDistance` over the latent dimensions: models with more of them would look worse. */
  readonly priorDistancePerDimension: number;
  /** Mean squared error per pixel of the test images' reconstructions, pixels in [0, 1]. */
  readonly reconstructionError: number;
}

export interface Speeds {
  readonly trainingSeconds: number;
  /** Training images per second. */
  readonly trained: number;
  /** Images drawn per second. */
  readonly drawn: number;
  /** Images encoded and reconstructed per second. */
  readonly encoded: number;
}

/** One training of one model that came to its end. */
export interface TrainedRun {
  readonly outcome: 'trained';
  readonly seed: number;
  readonly history: readonly Epoch[];
  readonly generation: GenerationMeasures;
  readonly latent: LatentRow;
  readonly speeds: Speeds;
  /** Oscillation of each loss part (`lossOscillation`); empty for too few epochs. */
  readonly oscillation: Readonly<Record<string, number>>;
  /** Whether the samples keep to few classes or repeat themselves (`hasCollapsed`). */
  readonly collapsed: boolean;
}

/** One training that broke; `message` says how. */
export interface DivergedRun {
  readonly outcome: 'diverged';
  readonly seed: number;
  readonly history: readonly Epoch[];
  readonly message: string;
}
export type ModelRun = TrainedRun | DivergedRun;

/** What the tested class is: the only normal one, or the only anomaly. */
export const detectionProtocols = { 'one-class': 'normal', 'leave-one-out': 'anomaly' } as const;
export type DetectionProtocol = keyof typeof detectionProtocols;

/** One detector trained and tested, or broken. */
export type DetectionCell =
  | (ProtocolCell & { readonly outcome: 'trained'; readonly protocol: DetectionProtocol })
  | {
      readonly outcome: 'diverged';
      readonly protocol: DetectionProtocol;
      readonly class: number;
      readonly seed: number;
      readonly message: string;
    };

export interface ComparedModel {
  readonly model: ModelName;
  /** Its name in words. */
  readonly label: string;
  readonly title: string;
  readonly kind: ModelKind;
  /** Settings of the trainings for samples and codes; those for detection differ in epochs where none were chosen. */
  readonly settings: Omit<TrainingSettings, 'seed'>;
  readonly latentDim: number;
  readonly parameters: number;
  readonly runs: readonly ModelRun[];
  readonly detection: readonly DetectionCell[];
}

/** The kinds that claims are about. */
export type Side = Exclude<ModelKind, 'hybrid'>;

/** One measure over all runs of both kinds of model. */
export interface Evidence {
  /** The part of the claim that it bears on. */
  readonly part: string;
  readonly measure: string;
  readonly better: 'higher' | 'lower';
  readonly variational: Spread;
  readonly adversarial: Spread;
  /** Undefined where the difference is within the spread of the runs, or there is none. */
  readonly favours?: Side;
}

export type Verdict = 'reproduced' | 'refuted' | 'mixed' | 'not decided' | 'not judged';

export interface Claim {
  readonly claim: string;
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
}

export interface Comparison {
  readonly dataset: {
    readonly name: string;
    readonly classNames: readonly string[];
    readonly train: number;
    readonly test: number;
  };
  readonly seeds: number;
  /** Images drawn from each model, and test images looked at. */
  readonly samples: number;
  readonly classifier: { readonly accuracy: number; readonly hash: string };
  readonly references: readonly ReferenceRow[];
  readonly models: readonly ComparedModel[];
  /** What detection was asked for; no classes where it was left out. */
  readonly detection: {
    readonly protocols: readonly DetectionProtocol[];
    readonly classes: readonly number[];
    /** Test images that each detector was tested on. */
    readonly images: number;
  };
  readonly claims: readonly Claim[];
  readonly seconds: number;
}

/** Material for pictures of one trained model: not in the `Comparison`, which holds numbers alone. */
export interface Exhibits {
  readonly model: ModelName;
  readonly samples: ImageSet;
  /** Test codes on their two largest principal components [count, 2], and the share of their variance that is there. */
  readonly plane: { readonly points: Float32Array; readonly labels: Uint8Array; readonly explained: number };
  /** Rows of `stops` images, each a straight walk between the codes of two test images of different classes. */
  readonly walks: { readonly images: ImageSet; readonly stops: number };
}

/** Real images to show beside the models' own. */
export interface RealExhibits {
  readonly samples: ImageSet;
  /** Starts and ends of the walks, one pair for each row. */
  readonly from: ImageSet;
  readonly to: ImageSet;
}

/** Where the work stands; `progress` runs from 0 to 1 over all of it and never back. */
export type ComparisonRecord =
  | { readonly kind: 'progress'; readonly progress: number; readonly doing: string }
  | { readonly kind: 'run'; readonly model: ModelName; readonly run: ModelRun }
  | { readonly kind: 'cell'; readonly model: ModelName; readonly cell: DetectionCell }
  | { readonly kind: 'real'; readonly real: RealExhibits }
  /** Of each model's first seed that did not break. */
  | { readonly kind: 'exhibits'; readonly exhibits: Exhibits };

// The table of models: a name, its options, its builder, and how it is trained and scored unless told otherwise.
// `--model` and manifests name these rows.
import type { z } from 'zod';
import { aladOptions, createAlad } from './alad.ts';
import { biganOptions, createBigan } from './bigan.ts';
import { createDcgan, dcganOptions } from './dcgan.ts';
import type { Domain } from './domain.ts';
import { createFanogan, fanoganOptions } from './fanogan.ts';
import { createGanomaly, ganomalyOptions } from './ganomaly.ts';
import type { GenerativeModel } from './model.ts';
import { createVae, vaeOptions } from './vae.ts';
import { createVaegan, vaeganOptions } from './vaegan.ts';

/** Defaults of a run; measured in docs/decisions. */
export interface Recipe {
  /** Passes over the rows; where not given, as many as make `images` in all. */
  readonly epochs?: number;
  readonly images: number;
  /** The same for a class-conditional model, which has more to learn: to leave the class to the label. */
  readonly conditionalImages?: number;
  readonly learningRate: number;
  /** Share of a stage's steps over which the learning rate rises. */
  readonly warmup: number;
  /** Adam's memory of past gradients: short where two networks chase each other. */
  readonly beta1: number;
  /** Share of the old average weights kept at each step; 0 for no averaging. */
  readonly averageDecay: number;
  /** Names of scores (detect/terms.ts) that make the combined one, with their weights. */
  readonly combination: Readonly<Record<string, number>>;
  /** At most so many training rows serve as neighbours. */
  readonly referenceRows: number;
  /** How much the neighbours' own spacing counts, where it is not the default's. */
  readonly locality?: number;
  /** Neighbours whose distance counts, likewise. */
  readonly neighbours?: number;
  /** Options of the model that differ from its own defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Networks whose scores are averaged. */
  readonly members?: number;
}

export interface ModelRow {
  /** What the field calls it, in a word. */
  readonly label: string;
  readonly title: string;
  /** The schema of the model's options; parsing fills in the defaults. */
  readonly options: z.ZodType<Readonly<Record<string, unknown>>>;
  readonly recipe: Recipe;
  /** What differs for tables. */
  readonly table: Partial<Recipe>;
  /** Whether networks compete: such a training may collapse, and is watched. */
  readonly adversarial: boolean;
  /** Builds the model. Throws ZodError for options that the schema refuses. */
  create(domain: Domain, options: unknown): GenerativeModel;
}
function row<Options extends Readonly<Record<string, unknown>>>(entry: {
  label: string;
  title: string;
  options: z.ZodType<Options>;
  adversarial: boolean;
  recipe: Recipe;
  table?: Partial<Recipe>;
  create(domain: Domain, options: Options): GenerativeModel;
}): ModelRow {
  return {
    table: {},
    ...entry,
    create: (domain, options) => entry.create(domain, entry.options.parse(options)),
  };
}

const density = { edgeDensity: 4, latentDensity: 1, edgeReconstruction: 1 };
const adversarialRecipe: Omit<Recipe, 'combination'> = {
  images: 256_000,
  learningRate: 5e-4,
  warmup: 0.02,
  beta1: 0.5,
  averageDecay: 0.998,
  referenceRows: 24_000,
};

/** Scores of tables: what the model misses, how far the nearest rows are, how unlikely the row is. */
const tableDensity: Partial<Recipe> = {
  combination: { evidence: 1, valueMixture: 1, valueDensity: 1 },
  referenceRows: 1_024,
  locality: 0,
  neighbours: 1,
};

/** Few steps and noise on the rows: a density that is smooth, not one that knows its training rows by heart. */
const tableVae: Partial<Recipe> = {
  images: 64_000,
  ...tableDensity,
  options: { latentDim: 8, hidden: [64, 64], boundSamples: 1, jitter: 0.5, betaWarmup: 0.3 },
};

export const models = {
  vae: row({
    label: 'VAE',
    title: 'Variational autoencoder',
    options: vaeOptions,
    adversarial: false,
    recipe: {
      images: 128_000,
      conditionalImages: 512_000,
      learningRate: 2e-3,
      warmup: 0.05,
      beta1: 0.9,
      averageDecay: 0,
      combination: density,
      referenceRows: 24_000,
    },
    table: tableVae,
    create: createVae,
  }),
  dcgan: row({
    label: 'DCGAN',
    title: 'Deep convolutional GAN (anomalies by AnoGAN search)',
    options: dcganOptions,
    adversarial: true,
    recipe: {
      ...adversarialRecipe,
      epochs: 50,
      learningRate: 2e-3,
      combination: { reconstruction: 1, featureReconstruction: 1 },
      referenceRows: 1_000,
    },
    create: createDcgan,
  }),
  fanogan: row({
    label: 'f-AnoGAN',
    title: 'Wasserstein GAN, then an encoder for it',
    options: fanoganOptions,
    adversarial: true,
    recipe: {
      ...adversarialRecipe,
      images: 120_000,
      learningRate: 1e-3,
      combination: { reconstruction: 1, featureReconstruction: 1, latentDensity: 2 },
    },
    create: createFanogan,
  }),
  vaegan: row({
    label: 'VAE-GAN',
    title: 'Variational autoencoder with an adversary',
    options: vaeganOptions,
    adversarial: true,
    recipe: { ...adversarialRecipe, learningRate: 1e-3, images: 128_000, combination: density },
    table: tableDensity,
    create: createVaegan,
  }),
  bigan: row({
    label: 'BiGAN',
    title: 'GAN whose encoder is trained with the generator',
    options: biganOptions,
    adversarial: true,
    recipe: {
      ...adversarialRecipe,
      learningRate: 1e-3,
      images: 128_000,
      combination: { reconstruction: 1, featureReconstruction: 1 },
    },
    create: createBigan,
  }),
  alad: row({
    label: 'ALAD',
    title: 'BiGAN whose cycles are judged too',
    options: aladOptions,
    adversarial: true,
    recipe: {
      ...adversarialRecipe,
      learningRate: 1e-3,
      images: 128_000,
      combination: { featureReconstruction: 1 },
    },
    create: createAlad,
  }),
  ganomaly: row({
    label: 'GANomaly',
    title: 'Encoder, decoder and encoder with an adversary',
    options: ganomalyOptions,
    adversarial: true,
    recipe: {
      ...adversarialRecipe,
      learningRate: 2e-3,
      images: 128_000,
      combination: { latentReconstruction: 1 },
    },
    create: createGanomaly,
  }),
};
export type ModelName = keyof typeof models;

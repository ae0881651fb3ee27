// The table of models: a name, its options, its builder. `--model` and manifests name these rows.
import type { z } from 'zod';
import type { ImageShape } from '../data/dataset.ts';
import type { GenerativeModel } from './model.ts';
import { createVae, vaeOptions } from './vae.ts';

interface ModelRow<Schema extends z.ZodType> {
  readonly title: string;
  readonly options: Schema;
  create(shape: ImageShape, options: z.infer<Schema>): GenerativeModel;
}
const row = <Schema extends z.ZodType>(entry: ModelRow<Schema>): ModelRow<Schema> => entry;

export const models = {
  vae: row({ title: 'Variational autoencoder', options: vaeOptions, create: createVae }),
};
export type ModelName = keyof typeof models;

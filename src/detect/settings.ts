// What a user may choose about a training run, and the defaults for the rest, measured in docs/decisions.
import { z } from 'zod';
import { OddityError } from '../errors.ts';
import type { Domain } from '../models/domain.ts';
import { type ModelName, models, type Recipe } from '../models/index.ts';
import { adamDefaults } from '../nn/optimizer.ts';
import { contrasts } from './image-modality.ts';
import type { TrainingSettings } from './manifest.ts';
import { scoringDefaults } from './scoring.ts';
import { scalings } from './tables/encoding.ts';
import { type TermName, termNames } from './terms.ts';

/** The choices of a run, all optional; also the shape of a `--config` file. */
export const choicesSchema = z.strictObject({
  model: z.enum(Object.keys(models) as [ModelName, ...ModelName[]]).optional(),
  /** The model's own options, such as `latentDim` or `beta`. */
  options: z.record(z.string(), z.unknown()).optional(),
  epochs: z.int().min(1).max(100_000).optional(),
  batchSize: z.int().min(1).max(65_536).optional(),
  learningRate: z.number().positive().max(10).optional(),
  /** Share of the steps over which the learning rate rises. */
  warmup: z.number().min(0).max(1).optional(),
  /** Adam's memory of past gradients. */
  beta1: z.number().min(0).lt(1).optional(),
  weightDecay: z.number().min(0).max(1).optional(),
  clipNorm: z.number().min(0).optional(),
  averageDecay: z.number().min(0).lt(1).optional(),
  seed: z.union([z.number(), z.string()]).optional(),
  /** Networks trained from different seeds, whose scores are averaged. */
  members: z.int().min(1).max(64).optional(),
  /** Share of the normal rows kept from training, for calibration. */
  holdOut: z.number().gt(0).lt(1).optional(),
  /** How these rows are kept back: at random, or the last ones where rows are in order of time. */
  split: z.enum(['random', 'ordered']).optional(),
  /** Share of the rows, the most anomalous of a first training, that the second leaves out: for rows not all normal. */
  trim: z.number().min(0).max(0.5).optional(),
  /** False alarms per normal row that `predict` aims at. */
  falseAlarmRate: z.number().gt(0).lt(1).optional(),
  /** Weights of the scores in the combined one. */
  combination: z.partialRecord(z.enum(termNames as [TermName, ...TermName[]]), z.number().min(0)).optional(),
  neighbours: z.int().min(1).max(1000).optional(),
  locality: z.number().min(0).max(2).optional(),
  /** In which contrast the edges of images are measured: all images' common one, or each image's own. */
  contrast: z.enum(contrasts).optional(),
  /** How the numbers of a table are scaled. */
  scaling: z.enum(scalings).optional(),
  /** Whether networks and neighbours see them without their correlations. */
  whitening: z.boolean().optional(),
  referenceRows: z.int().min(1).max(100_000).optional(),
});
export type Choices = z.infer<typeof choicesSchema>;

/** Checks choices from outside. Throws BAD_USAGE that names the field. */
export function parseChoices(value: unknown, source: string): Choices {
  return orBadUsage(choicesSchema.safeParse(value), source);
}

function orBadUsage<T>(result: z.ZodSafeParseResult<T>, source: string, known?: readonly string[]): T {
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === 'unrecognized_keys' && known !== undefined) {
    throw new OddityError('BAD_USAGE', `${source} has no '${issue.keys[0]}'; it has ${known.join(', ')}.`, {
      data: { issues: result.error.issues },
    });
  }
  const where = issue?.path.length ? ` at '${issue.path.join('.')}'` : '';
  throw new OddityError('BAD_USAGE', `${source} is wrong${where}: ${issue?.message}.`, {
    data: { issues: result.error.issues },
  });
}

/** Whether a model has an option of that name, one with a default. */
const hasOption = (model: ModelName, name: string): boolean => name in models[model].options.parse({});

/**
 * Fills in every setting of a run over `trainingRows` rows of a kind. Throws BAD_USAGE for options that a model does
 * not have.
 */
export function settingsFor(
  choices: Choices,
  trainingRows: number,
  kind: Domain['kind'] = 'images',
): TrainingSettings {
  const model = choices.model ?? 'vae';
  const { options: schema, ...row } = models[model];
  const recipe: Recipe = kind === 'table' ? { ...row.recipe, ...row.table } : row.recipe;
  const given = { ...recipe.options, ...choices.options };
  if (Number(given.classes ?? 0) > 0 && !hasOption(model, 'classes')) {
    const others = (Object.keys(models) as ModelName[]).filter((name) => hasOption(name, 'classes'));
    throw new OddityError(
      'BAD_USAGE',
      `The model '${model}' cannot be told of classes; train it on one class with --normal, or choose ${others.join(', ')}.`,
    );
  }
  const options = orBadUsage(
    schema.safeParse(given),
    `The option set of '${model}'`,
    Object.keys(schema.parse({})),
  );
  const isConditional = Number(options.classes ?? 0) > 0;
  const images = isConditional ? (recipe.conditionalImages ?? recipe.images) : recipe.images;
  return {
    model,
    options,
    epochs: choices.epochs ?? recipe.epochs ?? Math.max(2, Math.round(images / trainingRows)),
    batchSize: choices.batchSize ?? 128,
    learningRate: choices.learningRate ?? recipe.learningRate,
    warmup: choices.warmup ?? recipe.warmup,
    adam: {
      ...adamDefaults,
      beta1: choices.beta1 ?? recipe.beta1,
      weightDecay: choices.weightDecay ?? adamDefaults.weightDecay,
      clipNorm: choices.clipNorm ?? adamDefaults.clipNorm,
      averageDecay: choices.averageDecay ?? recipe.averageDecay,
    },
    seed: choices.seed ?? 0,
    members: choices.members ?? recipe.members ?? 1,
    holdOut: choices.holdOut ?? 0.15,
    split: choices.split ?? 'random',
    trim: choices.trim ?? 0,
    scoring: {
      combination: choices.combination ?? recipe.combination,
      neighbours: choices.neighbours ?? recipe.neighbours ?? scoringDefaults.neighbours,
      fellows: scoringDefaults.fellows,
      locality: choices.locality ?? recipe.locality ?? scoringDefaults.locality,
      referenceRows: choices.referenceRows ?? recipe.referenceRows,
    },
    ...(kind === 'images' && choices.contrast !== undefined ? { contrast: choices.contrast } : {}),
    ...(kind === 'table'
      ? { scaling: choices.scaling ?? 'standard', whitening: choices.whitening ?? true }
      : {}),
  };
}

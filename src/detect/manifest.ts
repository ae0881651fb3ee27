// What a saved detector says of itself: versioned, schema-checked, with a hash for each file beside it.
import { z } from 'zod';
import { OddityError } from '../errors.ts';
import { type ModelName, models } from '../models/index.ts';
import { contrasts } from './image-modality.ts';
import { encodingSchema, scalings } from './tables/encoding.ts';

/** Raised when a reader of the old version could misread the new one. */
export const manifestVersion = 1;

const scoringSchema = z.strictObject({
  combination: z.record(z.string(), z.number()),
  neighbours: z.int().min(1),
  fellows: z.int().min(1),
  locality: z.number(),
  referenceRows: z.int().min(1),
});

/** Everything that, with the rows, determines a training run. */
export const trainingSchema = z.strictObject({
  model: z.enum(Object.keys(models) as [ModelName, ...ModelName[]]),
  options: z.record(z.string(), z.unknown()),
  epochs: z.int().min(1),
  batchSize: z.int().min(1),
  learningRate: z.number().positive(),
  warmup: z.number().min(0).max(1),
  adam: z.strictObject({
    beta1: z.number(),
    beta2: z.number(),
    epsilon: z.number(),
    weightDecay: z.number().min(0),
    clipNorm: z.number().min(0),
    averageDecay: z.number().min(0).max(1),
  }),
  seed: z.union([z.number(), z.string()]),
  members: z.int().min(1).max(64),
  holdOut: z.number().gt(0).lt(1),
  split: z.enum(['random', 'ordered']),
  /** Share of the rows, the most anomalous of a first training, that the second leaves out. */
  trim: z.number().min(0).max(0.5),
  scoring: scoringSchema,
  /** In which contrast the edges of images are measured. */
  contrast: z.enum(contrasts).exactOptional(),
  /** Of a table's numbers. */
  scaling: z.enum(scalings).exactOptional(),
  /** Whether networks and neighbours see a table's numbers without their correlations. */
  whitening: z.boolean().exactOptional(),
});
export type TrainingSettings = z.infer<typeof trainingSchema>;

export const historySchema = z.array(
  z.strictObject({
    member: z.int(),
    epoch: z.int(),
    losses: z.record(z.string(), z.number()),
    seconds: z.number(),
    /** What a watch saw after the epoch; a warning where the model drew too little. */
    watched: z
      .strictObject({ measures: z.record(z.string(), z.number()), warning: z.string().exactOptional() })
      .exactOptional(),
  }),
);
/** One entry per member and epoch; losses per row in nats. */
export type History = z.infer<typeof historySchema>;

export const dataSchema = z.strictObject({
  name: z.string(),
  shape: z.tuple([z.int(), z.int(), z.int()]),
  classNames: z.array(z.string()),
  /** Class numbers that count as normal; empty where all rows do. */
  normalClasses: z.array(z.int()),
  /** In which contrast the edges of images are measured, where not in all images' common one. */
  contrast: z.enum(contrasts).exactOptional(),
  /** How the columns of a table become features; images have none. */
  encoding: encodingSchema.exactOptional(),
  /** What a reader must know to read such rows again, in its own terms. */
  source: z.record(z.string(), z.unknown()).exactOptional(),
  /** SHA-256 of the training rows' values. */
  fingerprint: z.string(),
  rows: z.strictObject({ training: z.int(), scale: z.int(), calibration: z.int() }),
});
export type DataDescription = z.infer<typeof dataSchema>;

const manifestSchema = z.strictObject({
  format: z.literal('oddity-detector'),
  version: z.literal(manifestVersion),
  created: z.string(),
  falseAlarmRate: z.number().gt(0).lt(1),
  training: trainingSchema,
  data: dataSchema,
  standards: z.record(z.string(), z.strictObject({ center: z.number(), spread: z.number() })),
  history: historySchema,
  seconds: z.number(),
  files: z.record(z.string(), z.strictObject({ sha256: z.string(), bytes: z.int() })),
  /** SHA-256 of the rest of this manifest, as JSON without spaces. */
  checksum: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;
/** What a detector knows of itself before it is saved. */
export type ManifestBody = Omit<Manifest, 'files' | 'checksum'>;

/** Serialises a manifest with its checksum. */
export async function encodeManifest(body: ManifestBody, files: Manifest['files']): Promise<Uint8Array> {
  const content = { ...body, files };
  const manifest: Manifest = { ...content, checksum: await checksumOf(content) };
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
}

const checksumOf = (content: Omit<Manifest, 'checksum'>): Promise<string> =>
  sha256(new TextEncoder().encode(JSON.stringify(content)));

/** Parses manifest.json. Throws BAD_DETECTOR where it is no manifest, damaged, or of a newer version. */
export async function parseManifest(bytes: Uint8Array, folder: string): Promise<Manifest> {
  const refuse = (what: string) =>
    new OddityError('BAD_DETECTOR', `${folder} is not a readable detector: ${what}.`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refuse('manifest.json is no JSON; restore it from a copy or train again');
  }
  const version = z.object({ format: z.literal('oddity-detector'), version: z.int() }).safeParse(json);
  if (!version.success) throw refuse('manifest.json does not describe an Oddity detector');
  if (version.data.version > manifestVersion) {
    throw refuse(
      `it was saved in format ${version.data.version}, this Oddity reads up to ${manifestVersion}; update Oddity`,
    );
  }
  const { checksum, ...content } = json as Manifest;
  if (checksum !== (await checksumOf(content))) {
    throw refuse('manifest.json was changed after it was saved; restore it from a copy or train again');
  }
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  const issue = manifest.error.issues[0];
  throw refuse(
    `manifest.json is wrong at '${issue?.path.join('.')}' (${issue?.message}); restore it or train again`,
  );
}

/** SHA-256 as hexadecimal text. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

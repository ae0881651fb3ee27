// From normal rows to a Detector: split, train each member, fit the scores, calibrate.
import { z } from 'zod';
import type { ImageSet } from '../data/dataset.ts';
import { isTable, type RowSet } from '../data/rows.ts';
import { OddityError } from '../errors.ts';
import { models } from '../models/index.ts';
import { promisableRate } from './calibrate.ts';
import { type Detector, openDetector } from './detector.ts';
import { type Checkpoint, finalWeights, fit } from './fit.ts';
import {
  type DataDescription,
  dataSchema,
  type History,
  historySchema,
  type TrainingSettings,
  trainingSchema,
} from './manifest.ts';
import type { TensorFile } from './safetensors.ts';
import { decoderModel, encoderModel, fitScoring } from './scoring.ts';
import { type Choices, settingsFor } from './settings.ts';
import type { TrainingRecord, TrainOptions } from './training-options.ts';
import { fingerprintOf, fitModality, splitNormal } from './training-rows.ts';
import { layoutOf, type TrainingState } from './training-step.ts';
import { trustedRows } from './trusted-rows.ts';

export type { EpochWatch, TrainingRecord, TrainOptions, WatchedModel } from './training-options.ts';

const progressSchema = z.strictObject({
  settings: trainingSchema,
  data: dataSchema,
  falseAlarmRate: z.number(),
  member: z.int(),
  epoch: z.int(),
  step: z.int(),
  history: historySchema,
  seconds: z.number(),
});

interface Resumed {
  readonly settings: TrainingSettings;
  readonly data: DataDescription;
  readonly falseAlarmRate: number;
  readonly member: number;
  readonly start: Checkpoint;
  readonly finished: readonly Float32Array[];
  readonly trusted?: Float32Array;
  readonly history: History;
  readonly seconds: number;
}

/** What a checkpoint says of the run it belongs to. Throws BAD_DETECTOR where it is none. */
export function readCheckpoint({ tensors, metadata }: TensorFile): Resumed {
  const parsed = progressSchema.safeParse(safeJson(metadata.progress));
  const { weights, first, second, average, trusted } = tensors;
  if (!parsed.success || weights === undefined || first === undefined || second === undefined) {
    throw new OddityError(
      'BAD_DETECTOR',
      'The checkpoint is damaged or of another version; train again without --resume.',
    );
  }
  const { member, epoch, step, ...rest } = parsed.data;
  const finished = Array.from({ length: member }, (_, i) => tensors[`member.${i}`] ?? new Float32Array());
  const state: TrainingState = { weights, first, second, ...(average === undefined ? {} : { average }) };
  return {
    ...rest,
    member,
    finished,
    ...(trusted === undefined ? {} : { trusted }),
    start: { epoch, step, state },
  };
}

/** A run to go on with; another learning rate than its own is the remedy for one that diverged. */
function resume(checkpoint: TensorFile, { learningRate }: Choices): Resumed {
  const resumed = readCheckpoint(checkpoint);
  if (learningRate === undefined) return resumed;
  return { ...resumed, settings: { ...resumed.settings, learningRate } };
}

function safeJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/**
 * Trains a detector on rows that are all normal: images, or a table. Yields a record for every step and epoch, returns
 * the detector.
 * Throws BAD_DATA for too few rows, BAD_USAGE for wrong options, DIVERGED, ABORTED.
 */
export async function* trainSteps<Rows extends RowSet = ImageSet>(
  given: Rows,
  options: TrainOptions = {},
): AsyncGenerator<TrainingRecord, Detector<Rows>> {
  const { session = {}, signal } = options;
  const began = performance.now();
  const resumed = options.resume === undefined ? undefined : resume(options.resume, options);
  const fingerprint = await fingerprintOf(given);
  if (resumed !== undefined && resumed.data.fingerprint !== fingerprint) {
    throw new OddityError(
      'BAD_DATA',
      'The run to resume was trained on other rows; give the data it was started with.',
    );
  }
  const kind = isTable(given) ? 'table' : 'images';
  const plan =
    resumed?.settings ??
    settingsFor(options, Math.round(given.count * (1 - (options.holdOut ?? 0.15))), kind);
  const trusted =
    resumed === undefined ? yield* trustedRows(given, options, plan.trim, trainSteps) : resumed.trusted;
  const rows = splitNormal(given, plan, trusted);
  const settings = resumed?.settings ?? settingsFor(options, rows.training.count, kind);
  const falseAlarmRate =
    resumed?.falseAlarmRate ?? options.falseAlarmRate ?? promisableRate(0.01, rows.calibration.count);
  const run = { session, ...(signal ? { signal } : {}) };
  const { modality, description, tensors } = await fitModality(rows.training, settings, run);
  const { domain } = modality;
  const data: DataDescription = resumed?.data ?? {
    name: options.name ?? domain.kind,
    ...description,
    ...(options.source === undefined ? {} : { source: { ...options.source } }),
    classNames: [...(options.classNames ?? [])],
    normalClasses: [...(options.normalClasses ?? [])],
    fingerprint,
    rows: { training: rows.training.count, scale: rows.scale.count, calibration: rows.calibration.count },
  };
  const model = models[settings.model].create(domain, settings.options);
  const stored = await modality.store(rows.training, run);
  const layout = layoutOf(model);

  const members: Float32Array[] = [...(resumed?.finished ?? [])];
  const history: History = [...(resumed?.history ?? [])];
  const secondsBefore = resumed?.seconds ?? 0;
  const seconds = (): number => secondsBefore + (performance.now() - began) / 1000;
  let state: TrainingState | undefined;
  for (let member = resumed?.member ?? 0; member < settings.members; member++) {
    const start = member === resumed?.member ? resumed.start : undefined;
    const fitting = fit(
      model,
      stored,
      { ...settings, seed: `${settings.seed}/${member}`, session, ...(signal ? { signal } : {}) },
      start,
    );
    for (let next = await fitting.next(); ; next = await fitting.next()) {
      if (next.done) {
        state = next.value;
        break;
      }
      const record = next.value;
      const done = record.kind === 'step' ? record.step : record.checkpoint.step;
      const perMember = settings.epochs * Math.ceil(rows.training.count / settings.batchSize);
      const progress = (member * perMember + done) / (settings.members * perMember);
      if (record.kind === 'step') {
        yield { ...record, member, members: settings.members, progress };
        continue;
      }
      const { checkpoint, ...rest } = record;
      const { epoch, losses, seconds: epochSeconds } = record;
      const watched = await options.watch?.({
        model,
        weights: finalWeights(checkpoint.state),
        epoch,
        epochs: settings.epochs,
      });
      const look = watched === undefined ? {} : { watched };
      history.push({ member, epoch, losses: { ...losses }, seconds: epochSeconds, ...look });
      yield {
        ...rest,
        ...look,
        member,
        members: settings.members,
        progress,
        checkpoint: () =>
          writeCheckpoint(checkpoint, members, trusted, {
            settings,
            data,
            falseAlarmRate,
            member,
            epoch: checkpoint.epoch,
            step: checkpoint.step,
            history,
            seconds: seconds(),
          }),
      };
    }
    members.push(finalWeights(state));
  }

  yield { kind: 'calibrating' };
  const scoring = { ...settings.scoring, seed: settings.seed };
  const fitted = await fitScoring(modality, model, layout, members, rows, scoring, run);
  const [first = new Float32Array()] = members;
  const named = Object.fromEntries(members.map((weights, i) => [`member.${i}`, weights]));
  return openDetector<Rows>(
    {
      manifest: {
        format: 'oddity-detector',
        version: 1,
        created: new Date().toISOString(),
        falseAlarmRate,
        training: settings,
        data,
        standards: fitted.standards as Record<string, { center: number; spread: number }>,
        history,
        seconds: seconds(),
      },
      models: {
        detector: fitted.detectorModel,
        encoder: encoderModel(modality, model, layout, first),
        decoder: decoderModel(model, layout, first),
      },
      weights: {
        tensors: {
          ...tensors,
          ...named,
          ...(fitted.references === undefined ? {} : { references: fitted.references }),
          ...(state as unknown as Record<string, Float32Array>),
          calibration: fitted.calibration,
        },
        metadata: {
          layout: JSON.stringify(layout.places.map(({ name, shape, offset }) => ({ name, shape, offset }))),
        },
      },
    },
    session,
  );
}

/** Trains a detector and returns it; `onRecord` sees every step. The generator form is `trainSteps`. */
export async function train<Rows extends RowSet = ImageSet>(
  rows: Rows,
  options: TrainOptions & { readonly onRecord?: (record: TrainingRecord) => void | Promise<void> } = {},
): Promise<Detector<Rows>> {
  const { onRecord, ...rest } = options;
  const run = trainSteps(rows, rest);
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
    await onRecord?.(next.value);
  }
}

function writeCheckpoint(
  { state }: Checkpoint,
  finished: readonly Float32Array[],
  trusted: Float32Array | undefined,
  progress: z.infer<typeof progressSchema>,
): TensorFile {
  const members = Object.fromEntries(finished.map((weights, i) => [`member.${i}`, weights]));
  return {
    tensors: {
      ...(state as unknown as Record<string, Float32Array>),
      ...members,
      ...(trusted === undefined ? {} : { trusted }),
    },
    metadata: { progress: JSON.stringify(progress) },
  };
}

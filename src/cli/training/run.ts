// A training run as people watch it: a bar or a line per epoch, from the records that the library yields.
import { isTable, type RowSet } from '../../data/rows.ts';
import type { Detector } from '../../detect/detector.ts';
import type { TensorFile } from '../../detect/safetensors.ts';
import { type TrainingRecord, type TrainOptions, trainSteps } from '../../detect/train.ts';
import { createModeWatch } from '../../evaluate/mode-watch.ts';
import { models } from '../../models/index.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import type { Context } from '../context.ts';

export interface TrainingView {
  /** What stands before each line, where several models are trained. */
  readonly called?: string;
  /** Gets each epoch's checkpoint; training waits for it. */
  readonly onEpoch?: (checkpoint: () => TensorFile, where: string) => Promise<void>;
}

/** Trains with progress on stderr. Adversarial models of images are watched for collapse unless `options` bring a watch. */
export async function runTraining<Rows extends RowSet>(
  context: Context,
  rows: Rows,
  options: TrainOptions,
  { called, onEpoch }: TrainingView = {},
): Promise<Detector<Rows>> {
  const progress = context.progress();
  const { adversarial } = models[options.model ?? 'vae'];
  const watch =
    adversarial && options.watch === undefined && !isTable(rows)
      ? await createModeWatch(rows, options)
      : undefined;
  const before = called === undefined ? '' : `${called}: `;
  const noun = isTable(rows) ? 'rows' : 'images';
  const run = trainSteps(rows, {
    ...options,
    ...(watch === undefined ? {} : { watch: watch.look }),
    signal: context.signal,
  });
  const began = performance.now();
  let [done, first] = [0, began];
  try {
    for (;;) {
      const next = await run.next();
      if (next.done) return next.value;
      const record = next.value;
      if (record.kind === 'calibrating') {
        progress.update(1, `${before}calibrating`);
        if (called !== undefined) progress.line(`${before}calibrating`);
        continue;
      }
      const where = `${before}${describePlace(record)}`;
      const losses = describeLosses(record.losses);
      if (record.kind === 'step') {
        // The first step includes the runtime's warming up, so the clock starts after it.
        if (done === 0) first = performance.now();
        const seconds = (performance.now() - first) / 1000;
        const speed = seconds > 0.2 ? `  ${formatNumber(done / seconds)} ${noun}/s` : '';
        done += record.rows;
        progress.update(record.progress, `${where}${speed}  ${losses}`);
      } else {
        await onEpoch?.(record.checkpoint, where);
        const seen = record.watched === undefined ? '' : `  ${describeLosses(record.watched.measures)}`;
        progress.line(`${where}  ${losses}${seen}  ${formatDuration(record.seconds)}`);
        if (record.watched?.warning !== undefined) {
          context.note(`warning: ${before}epoch ${record.epoch}: ${record.watched.warning}`);
        }
      }
    }
  } finally {
    progress.stop();
    await watch?.close();
  }
}

function describePlace(record: Exclude<TrainingRecord, { kind: 'calibrating' }>): string {
  const { member, members, epoch, epochs } = record;
  const network = members > 1 ? `network ${member + 1}/${members} ` : '';
  return `${network}epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

function describeLosses(losses: Readonly<Record<string, number>>): string {
  return Object.entries(losses)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join('  ');
}

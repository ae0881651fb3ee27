// One model's turn: a training with all its measures, or a detector. What diverges becomes a row, not an end.
import type { ImageDataset } from '../../data/dataset.ts';
import type { Choices } from '../../detect/settings.ts';
import { OddityError } from '../../errors.ts';
import type { GenerativeModel } from '../../models/model.ts';
import type { MeasureOptions } from '../generation/points.ts';
import { runCell } from '../protocols.ts';
import { makeExhibits } from './exhibits.ts';
import { openGenerator } from './generator.ts';
import type { Plan } from './plan.ts';
import {
  type ComparedModel,
  type ComparisonRecord,
  type DetectionCell,
  type DetectionProtocol,
  detectionProtocols,
  type Epoch,
  type ModelRun,
  type RealExhibits,
} from './records.ts';
import { measureCodes, measureSamples, trainOnce, type Yardstick } from './run.ts';
import { hasCollapsed, lossOscillation } from './stability.ts';

/** A model of the comparison, and the rows that it has so far. */
export type Contestant = Omit<ComparedModel, 'runs' | 'detection'> & {
  readonly choices: Choices;
  readonly built: GenerativeModel;
  readonly runs: ModelRun[];
  readonly detection: DetectionCell[];
};

/** The parts of the plan that one run is: training, its images, its codes. */
const partsPerRun = 3;

interface Turn extends MeasureOptions {
  readonly seed: number;
  readonly plan: Plan;
}

/** One training of one model, measured; it ends up in the contestant's runs. */
export async function* runOnce(
  { model, built, settings, runs }: Contestant,
  yardstick: Yardstick,
  { seed, plan, real, ...run }: Turn & { readonly real?: RealExhibits },
): AsyncGenerator<ComparisonRecord> {
  const doing = (what: string, share = 0) =>
    ({ kind: 'progress', progress: plan.progress(share), doing: `${model}, seed ${seed}: ${what}` }) as const;
  const history: Epoch[] = [];
  let left = partsPerRun;
  const finish = () => {
    plan.finish();
    left--;
  };
  try {
    const training = trainOnce(built, yardstick.train, { ...settings, seed }, history, run);
    let next = await training.next();
    for (; !next.done; next = await training.next()) {
      yield doing(`epoch ${history.length + 1}/${settings.epochs}`, next.value);
    }
    const { weights, seconds } = next.value;
    finish();
    yield doing('measuring its images');
    const generator = openGenerator(built, weights, run);
    try {
      const { samples, generation, drawn } = await measureSamples(generator, yardstick, seed, run);
      finish();
      yield doing('looking at test images');
      const { latent, codes, encoded } = await measureCodes(generator, yardstick, built.classes, seed, run);
      finish();
      const done: ModelRun = {
        outcome: 'trained',
        seed,
        history,
        generation,
        latent,
        speeds: {
          trainingSeconds: seconds,
          trained: (settings.epochs * yardstick.train.count) / seconds,
          drawn,
          encoded,
        },
        oscillation: lossOscillation(history),
        collapsed: hasCollapsed(generation),
      };
      runs.push(done);
      yield { kind: 'run', model, run: done };
      if (real === undefined) return;
      const labels = yardstick.test.labels ?? new Uint8Array();
      const exhibits = await makeExhibits(model, generator, samples, codes, labels, real, built.classes);
      yield { kind: 'exhibits', exhibits };
    } finally {
      await generator.close();
    }
  } catch (error) {
    const broken: ModelRun = { outcome: 'diverged', seed, history, message: divergence(error) };
    plan.skip(left - 1);
    runs.push(broken);
    yield { kind: 'run', model, run: broken };
  }
}

/** One detector, trained and tested; it ends up in the contestant's detection. */
export async function* detectOnce(
  { model, choices, detection }: Contestant,
  dataset: ImageDataset,
  { protocol, label, seed, plan, ...run }: Turn & { protocol: DetectionProtocol; label: number },
): AsyncGenerator<ComparisonRecord> {
  const which = `${model}, seed ${seed}: detecting, class ${dataset.classNames[label] ?? label}`;
  let cell: DetectionCell;
  try {
    const running = runCell(detectionProtocols[protocol], dataset, { ...run, class: label, seed, choices });
    let next = await running.next();
    for (; !next.done; next = await running.next()) {
      yield { kind: 'progress', progress: plan.progress(next.value), doing: which };
    }
    cell = { outcome: 'trained', protocol, ...next.value };
  } catch (error) {
    cell = { outcome: 'diverged', protocol, class: label, seed, message: divergence(error) };
  }
  plan.finish();
  detection.push(cell);
  yield { kind: 'cell', model, cell };
}

/** The message of a training that diverged; any other error is thrown on. */
function divergence(error: unknown): string {
  if (error instanceof OddityError && error.code === 'DIVERGED') return error.message;
  throw error;
}

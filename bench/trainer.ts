// Training one of the timed networks as fit() does, on rows that lie ready: blocks of steps inside the runtime.
import { createDigits } from '../src/data/digits.ts';
import { initialState } from '../src/detect/fit.ts';
import { createStepper } from '../src/detect/training-step.ts';
import { adamRates } from '../src/nn/optimizer.ts';
import { createRandom, fillNormal } from '../src/nn/random.ts';
import type { SessionOptions } from '../src/runtime/session.ts';
import { type NetworkName, networks } from './networks.ts';

export const batch = 128;
/** Of the initial weights and of the rows. */
export const seed = 'bench';
/** Batches that training goes round. */
const batches = 16;

/** Images [rows, pixels] and noise [rows, latentDim]. */
export interface Rows {
  readonly images: Uint8Array;
  readonly noise: Float32Array;
}

export function createRows(network: NetworkName): Rows {
  const count = batch * batches;
  const { latentDim } = networks[network].createModel();
  const random = createRandom(`${seed}/rows`);
  const images =
    network === 'autoencoder'
      ? Uint8Array.from({ length: count * 29 }, () => random.integer(256))
      : createDigits({ trainCount: count, testCount: 1 }).train.pixels;
  return { images, noise: fillNormal(new Float32Array(count * latentDim), random) };
}

/** fit() enters the runtime for about so long at a time. */
const blockSeconds = 0.12;
const mostSteps = 64;

/** Compiles a network and goes round `rows` with it, from its initial weights. */
export async function openTrainer(network: NetworkName, { images, noise }: Rows, session: SessionOptions) {
  const { optimiser, createModel } = networks[network];
  const { adam, learningRate } = optimiser;
  const model = createModel();
  const stage = model.stages[0]!;
  const initial = initialState(model, seed, adam);
  const stepper = await createStepper(model, stage, initial, adam, session);
  let done = 0;
  let block = 1;

  /** The batches of the next `count` steps, one after the other. */
  const gather = <Values extends Uint8Array | Float32Array>(values: Values, count: number): Values => {
    const size = values.length / batches;
    const gathered = new (values.constructor as new (length: number) => Values)(count * size);
    for (let i = 0; i < count; i++) {
      const from = ((done + i) % batches) * size;
      gathered.set(values.subarray(from, from + size), i * size);
    }
    return gathered;
  };
  const perStep = (count: number, value: (step: number) => number) =>
    Float32Array.from({ length: count }, (_, i) => value(done + 1 + i));
  const rate = (step: number) => adamRates(step, learningRate, adam);

  /** `losses` holds each part of them, one number per step. */
  const train = async (steps: number): Promise<{ seconds: number; losses: Record<string, number[]> }> => {
    const losses: Record<string, number[]> = {};
    const start = performance.now();
    for (const end = done + steps; done < end; ) {
      const count = Math.min(block, end - done);
      const began = performance.now();
      const parts = await stepper.run({
        steps: count,
        rows: batch,
        values: gather(images, count),
        noise: 'latent' in stage.noise ? { latent: gather(noise, count) } : {},
        schedules: { beta: perStep(count, () => 1) },
        rates: {
          stepSize: perStep(count, (step) => rate(step).stepSize),
          epsilon: perStep(count, (step) => rate(step).epsilon),
          decay: perStep(count, (step) => rate(step).decay),
          averageShare: perStep(count, (step) => rate(step).averageShare),
        },
      });
      for (const [name, values] of Object.entries(parts)) losses[name] = [...(losses[name] ?? []), ...values];
      done += count;
      const stepSeconds = (performance.now() - began) / 1000 / count;
      block = Math.max(1, Math.min(mostSteps, Math.round(blockSeconds / stepSeconds)));
    }
    return { seconds: (performance.now() - start) / 1000, losses };
  };
  return { train, close: () => stepper.close() };
}

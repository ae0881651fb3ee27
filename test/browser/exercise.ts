// What Node and a browser both do in the browser test: train, score, save, load, score. Results are plain JSON.

import { input, multiply } from '../../src/graph/operations.ts';
import { createDigits, load, OddityError, save, train } from '../../src/index.ts';
import { compile, type Device } from '../../src/runtime/session.ts';

export interface Outcome {
  /** The losses of each epoch. */
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly scores: readonly number[];
  /** The scores once more, from the detector that was saved and loaded. */
  readonly loaded: readonly number[];
}

/** Trains on the built-in digits and keeps the detector in `folder`: a path in Node, a name in browsers. */
export async function exercise(folder: string): Promise<Outcome> {
  const digits = createDigits({ seed: 1, trainCount: 600, testCount: 100 });
  const losses: Readonly<Record<string, number>>[] = [];
  const detector = await train(digits.train, {
    options: { latentDim: 4, boundSamples: 1 },
    epochs: 1,
    batchSize: 64,
    seed: 1,
    onRecord: (record) => {
      if (record.kind === 'epoch') losses.push(record.losses);
    },
  });
  const { score } = await detector.score(digits.test);
  await save(detector, folder);
  await detector.close();
  const again = await load(folder);
  const { score: loaded } = await again.score(digits.test);
  await again.close();
  return { losses, scores: [...score], loaded: [...loaded] };
}

/** 'ok', or the code of the OddityError with which a device was refused. */
export async function openOn(device: Device): Promise<string> {
  try {
    const session = await compile({ y: multiply(input('x', [2]), 2) }, { device });
    await session.close();
    return 'ok';
  } catch (error) {
    return error instanceof OddityError ? error.code : `unexpected ${error}`;
  }
}

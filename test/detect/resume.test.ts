// A run taken up from a checkpoint ends where an unbroken one ends, bit for bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTensors, encodeTensors, type TensorFile } from '../../src/detect/safetensors.ts';
import { trainSteps } from '../../src/detect/train.ts';
import type { OddityError } from '../../src/errors.ts';
import { normalDigits, tinyOptions, trainTiny } from '../tiny-detector.ts';

async function checkpointAfter(epochs: number, options: typeof tinyOptions): Promise<TensorFile> {
  let seen = 0;
  for await (const record of trainSteps(normalDigits, options)) {
    if (record.kind === 'epoch' && ++seen === epochs)
      return decodeTensors(encodeTensors(record.checkpoint()), 'memory');
  }
  throw new Error('The run was over before its checkpoint.');
}

const fanogan = { model: 'fanogan', options: { latentDim: 4, channels: 4 } } as const;

for (const [label, options, epochs] of [
  ['one member', { epochs: 3 }, 2],
  [
    'averaged weights, decay and clipping',
    { epochs: 2, averageDecay: 0.9, weightDecay: 0.01, clipNorm: 1 },
    1,
  ],
  ['the second of two members', { epochs: 2, members: 2 }, 3],
  ['between the two stages of an f-AnoGAN', { ...fanogan, epochs: 2 }, 1],
  ['within its second stage', { ...fanogan, epochs: 4 }, 3],
] as const) {
  test(`resumed equals unbroken: ${label}`, async () => {
    const all = { ...tinyOptions, ...options };
    const whole = await trainTiny(all);
    const resumed = await trainTiny({ session: { threads: 1 }, resume: await checkpointAfter(epochs, all) });
    assert.deepEqual(resumed.parts.weights.tensors, whole.parts.weights.tensors);
    assert.deepEqual(resumed.parts.models.detector, whole.parts.models.detector);
    assert.equal(resumed.manifest.history.length, whole.manifest.history.length);
    await whole.close();
    await resumed.close();
  });
}

test('the same seed gives the same detector, another seed another', async () => {
  const weights = async (seed: number) =>
    (await trainTiny({ seed, epochs: 1 })).parts.weights.tensors['member.0'];
  assert.deepEqual(await weights(1), await weights(1));
  assert.notDeepEqual(await weights(1), await weights(2));
});

test('a checkpoint of other images, or none at all, is refused', async () => {
  const checkpoint = await checkpointAfter(1, { ...tinyOptions, epochs: 2 });
  const pixels = normalDigits.pixels.slice();
  pixels[5]! ^= 1;
  const run = trainSteps({ ...normalDigits, pixels }, { resume: checkpoint });
  await assert.rejects(run.next(), /was trained on other rows/);
  const broken = trainSteps(normalDigits, { resume: { tensors: {}, metadata: {} } });
  await assert.rejects(broken.next(), /checkpoint is damaged/);
});

test('a resumed run may go on with another learning rate, and says so in its manifest', async () => {
  const checkpoint = await checkpointAfter(1, { ...tinyOptions, epochs: 2 });
  const slower = await trainTiny({ resume: checkpoint, learningRate: 1e-4 });
  const same = await trainTiny({ resume: checkpoint });
  assert.equal(slower.manifest.training.learningRate, 1e-4);
  assert.notDeepEqual(slower.parts.weights.tensors['member.0'], same.parts.weights.tensors['member.0']);
  await slower.close();
  await same.close();
});

test('weights that are not finite after an epoch are no checkpoint', async () => {
  // One step an epoch: its loss is still finite, and so large a rate leaves nothing that is.
  const run = trainSteps(normalDigits, {
    ...tinyOptions,
    learningRate: 1e39,
    warmup: 0,
    batchSize: 65_536,
    epochs: 2,
  });
  await run.next();
  await assert.rejects(run.next(), (error: OddityError) => {
    assert.equal(error.code, 'DIVERGED');
    assert.match(error.message, /the weights became -?(Infinity|NaN) at step 1 \(epoch 1\)/);
    return true;
  });
});

test('an aborted run says so', async () => {
  const controller = new AbortController();
  const run = trainSteps(normalDigits, { ...tinyOptions, epochs: 50, signal: controller.signal });
  await run.next();
  controller.abort();
  await assert.rejects(
    (async () => {
      while (!(await run.next()).done);
    })(),
    (error: Error & { code: string }) => error.code === 'ABORTED',
  );
});

test('safetensors: what was written comes back, and damage is named', () => {
  const file = {
    tensors: { a: Float32Array.of(1, -2, 3.5), b: new Float32Array(0) },
    metadata: { note: 'ünïcode' },
  };
  const bytes = encodeTensors(file);
  assert.equal((new DataView(bytes.buffer).getUint32(0, true) + 8) % 8, 0);
  assert.deepEqual(decodeTensors(bytes, 'x'), file);
  for (const length of [0, 7, 20, bytes.length - 1]) {
    assert.throws(() => decodeTensors(bytes.slice(0, length), 'x'), /x is damaged/);
  }
});

// A watch over generators made by hand: one that draws what it was shown, one that draws a single image, one class.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ImageSet } from '../../src/data/dataset.ts';
import { createDigits } from '../../src/data/digits.ts';
import { rowsOfClasses, selectRows } from '../../src/data/select.ts';
import { createModeWatch, type ModeWatch } from '../../src/evaluate/mode-watch.ts';
import { constant, gatherRows, reshape, smallestIndices } from '../../src/graph/operations.ts';
import { imageDomain } from '../../src/models/image-domain.ts';
import type { GenerativeModel } from '../../src/models/model.ts';

const dataset = createDigits({ seed: 3, trainCount: 1500, testCount: 10 });
const session = { threads: 1 };

/** Draws rows of `images`: which one depends on the latent vector alone. */
function redraw(images: ImageSet): GenerativeModel {
  const table = constant(
    Float32Array.from(images.pixels, (value) => value / 255),
    [images.count, 784],
  );
  return {
    domain: imageDomain([28, 28, 1]),
    latentDim: images.count,
    classes: 0,
    stages: [],
    perceive: () => assert.fail('a watch only draws'),
    decode: (_, latent) =>
      reshape(gatherRows(table, smallestIndices(latent, 1)), [latent.shape[0] ?? 1, 28, 28, 1]),
  };
}
const rowsOf = (classes: readonly number[]): ImageSet =>
  selectRows(dataset.train, rowsOfClasses(dataset.train, { normal: classes }, dataset.classNames).normal);
const watches: ModeWatch[] = [];
const watchAll = async (): Promise<ModeWatch> => {
  const watch = await createModeWatch(dataset.train, { classNames: dataset.classNames, session });
  watches.push(watch);
  return watch;
};
after(() => Promise.all(watches.map((watch) => watch.close())));
const moment = (model: GenerativeModel, epoch: number) => ({
  model,
  weights: new Float32Array(),
  epoch,
  epochs: 9,
});
const healthy = redraw(dataset.train);

test('a model that draws what it was shown is healthy', async () => {
  const { look } = await watchAll();
  const { measures, warning } = await look(moment(healthy, 1));
  assert.equal(warning, undefined);
  assert.equal(measures.missingClasses, 0);
  assert.ok(Math.abs(measures.diversity! - 1) < 0.1, String(measures.diversity));
});

test('a collapse warns at the epoch where it happens', async () => {
  const { look } = await watchAll();
  assert.equal((await look(moment(healthy, 1))).warning, undefined);
  const { measures, warning } = await look(moment(redraw(selectRows(rowsOf([4]), [0])), 2));
  assert.equal(measures.nearDuplicates, 1);
  assert.equal(measures.missingClasses, 9);
  assert.ok(measures.diversity! < 0.01);
  assert.match(warning!, /100 % near-duplicates; no image of 0, 1, 2, 3, 5, 6, 7, 8, 9$/);
});

test('classes that are never drawn are named', async () => {
  const { look } = await watchAll();
  await look(moment(healthy, 1));
  const { warning } = await look(moment(redraw(rowsOf([0, 1, 2, 4, 5, 6, 7, 8])), 5));
  assert.match(warning!, /no image of (3, )?9$/);
});

test('a young model is left in peace, an old one is not', async () => {
  const { look } = await watchAll();
  const collapsed = redraw(selectRows(rowsOf([4]), [0]));
  assert.equal((await look(moment(collapsed, 2))).warning, undefined);
  // Two images are a gain over one, but a second look at the same two is none.
  const gained = redraw(selectRows(rowsOf([4]), [0, 1]));
  assert.equal((await look(moment(gained, 3))).warning, undefined);
  assert.ok((await look(moment(gained, 4))).warning);
});

test('without labels, or with one class, only likeness counts', async () => {
  const { pixels, count, shape } = rowsOf([7]);
  const watch = await createModeWatch({ pixels, count, shape }, { session });
  watches.push(watch);
  const { measures, warning } = await watch.look(moment(redraw(rowsOf([7])), 1));
  assert.equal(warning, undefined);
  assert.deepEqual(Object.keys(measures), ['diversity', 'nearDuplicates']);
});

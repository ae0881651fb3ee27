// The pictures of a comparison: each decodes, says what it shows in words, and refuses what it cannot draw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  codeScatter,
  groupedBars,
  lossPanels,
  quantityBars,
  samplePanels,
  seedSpread,
  walkStrips,
} from '../../src/report/index.ts';
import { decode, rejectsWith, someImages } from './support.ts';

const colour = '#009e73';

test('sheets of samples stand side by side, in one scale', async () => {
  const sheets = ['real', 'vae', 'dcgan', 'vaegan'].map((heading) => ({
    heading,
    colour,
    images: someImages(9, [28, 28, 1]),
  }));
  for (const count of [1, 2, 4]) await decode(await samplePanels(sheets.slice(0, count)));
  await rejectsWith('BAD_USAGE', samplePanels([{ heading: 'none', colour, images: someImages(0) }]));
});

test('bars need a value, and long names of groups are turned', async () => {
  const series = [{ name: 'vae', colour, values: [3, undefined] }];
  const names = ['a name far too long for the room it has beneath its own bars', 'b'];
  const figure = await groupedBars({ groups: names, series, valueLabel: 'share (%)' });
  await decode(figure);
  assert.match(figure.altText, /vae: .* 3, b none/);
  await rejectsWith(
    'BAD_DATA',
    groupedBars({ groups: ['a'], series: [{ name: 'vae', colour, values: [undefined] }], valueLabel: 'x' }),
  );
});

test('seeds are dots on a logarithmic axis', async () => {
  const series = [
    { name: 'vae', colour, values: [290, 295] },
    { name: 'dcgan', colour, values: [] },
  ];
  const figure = await seedSpread({ series, valueLabel: 'distance', lines: [{ at: 4, label: 'real' }] });
  await decode(figure);
  assert.match(figure.altText, /vae 290, 295; dcgan none; real 4/);
  await rejectsWith('BAD_DATA', seedSpread({ series: series.slice(1), valueLabel: 'distance' }));
});

test('losses have a panel for each model that got through an epoch', async () => {
  const history = [1, 2].map((epoch) => ({ epoch, losses: { reconstruction: 90 / epoch } }));
  const models = [
    { heading: 'vae', colour, histories: [history, history.slice(0, 1)] },
    { heading: 'dcgan', colour, histories: [[]] },
  ];
  const figure = await lossPanels(models);
  await decode(figure);
  assert.match(figure.altText, /vae: reconstruction ends at 90/);
  await rejectsWith('BAD_DATA', lossPanels(models.slice(1)));
});

test('codes are drawn in one scale, equal and single points too', async () => {
  const labels = Uint8Array.from({ length: 300 }, (_, i) => i % 30);
  const points = Float32Array.from({ length: 600 }, (_, i) => (i * 37) % 101);
  const classNames = Array.from({ length: 30 }, (_, i) => `class ${i}`);
  const panel = { heading: 'vae', colour, points, labels, explained: 0.31 };
  const same = { ...panel, points: new Float32Array(600) };
  await decode(await codeScatter([panel, same], { classNames }));
  await rejectsWith('BAD_DATA', codeScatter([], { classNames }));
});

test('walks have a strip for each model between the real ends', async () => {
  const ends = someImages(2, [28, 28, 1]);
  const walks = [{ name: 'vae', images: someImages(8, [28, 28, 1]), stops: 4 }];
  await decode(await walkStrips({ from: ends, to: ends, walks }));
  await rejectsWith('BAD_DATA', walkStrips({ from: ends, to: someImages(1, [28, 28, 1]), walks }));
  await rejectsWith('BAD_USAGE', walkStrips({ from: ends, to: ends, walks: [] }));
});

test('quantities that no model has are left out', async () => {
  const models = [
    { name: 'vae', colour },
    { name: 'dcgan', colour },
  ];
  const quantities = [
    { title: 'Parameters', values: [1000, 2000] },
    { title: 'Images per second', values: [undefined, 0] },
    { title: 'Nothing', values: [undefined, undefined] },
  ];
  const figure = await quantityBars({ models, quantities });
  await decode(figure);
  assert.match(figure.altText, /vae 1,000, dcgan 2,000; Images per second: vae none, dcgan 0\./);
  await rejectsWith('BAD_DATA', quantityBars({ models, quantities: quantities.slice(2) }));
});

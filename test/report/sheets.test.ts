import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extremesSheet, imageSheet, reconstructionSheet } from '../../src/report/index.ts';
import { countDark, decode, rejectsWith, someImages } from './support.ts';

test('an image sheet holds every image, enlarged without smoothing', async () => {
  const pixels = new Uint8Array([0, 255, 255, 0]);
  const figure = await imageSheet({ shape: [2, 2, 1], count: 1, pixels }, { title: 'One small image' });
  const image = await decode(figure);
  // A 160 SVG pixel tile: 320 PNG pixels, two black quarters and no gray between.
  const top = image.height - 44 - 320;
  assert.equal(countDark(image, [56, top, 56 + 160, top + 160]), 160 * 160);
  assert.equal(countDark(image, [58 + 160, top + 2, 54 + 320, top + 158]), 0);
});

test('the title is drawn with our own typeface', async () => {
  const plain = await decode(await imageSheet(someImages(3), { title: 'Mmmmmm' }));
  assert.ok(countDark(plain, [50, 44, 300, 96]) > 500);
});

test('captions with markup are escaped and drawn', async () => {
  const captions = ['<b> & "c"', "it's", 'p = 0.002\nscore 3'];
  const figure = await imageSheet(someImages(3), { captions, title: '<title> & "more"' });
  assert.ok(figure.svg?.includes('&lt;b&gt; &amp; &quot;c&quot;'));
  const image = await decode(figure);
  const bare = await decode(await imageSheet(someImages(3), { title: '<title> & "more"' }));
  assert.ok(image.height > bare.height + 40);
  assert.ok(countDark(image, [56, image.height - 100, 900, image.height - 44]) > 300);
});

test('sheets take one image, hundreds, RGB, wide images, given columns and scale', async () => {
  await decode(await imageSheet(someImages(1)));
  await decode(await imageSheet(someImages(400)));
  const colour = await decode(await imageSheet(someImages(5, [6, 9, 3]), { columns: 2, scale: 10 }));
  assert.equal(colour.width, 2 * (2 * 45 + 8 + 56));
  await decode(await imageSheet(someImages(12, [40, 700, 3]), { columns: 12, scale: 3 }));
  await decode(
    await imageSheet(someImages(30), { captions: Array(30).fill('a caption far too long for it') }),
  );
});

test('a sheet of nothing, or of wrong sizes, is refused', async () => {
  await rejectsWith('BAD_USAGE', imageSheet(someImages(0)));
  await rejectsWith('BAD_USAGE', imageSheet(someImages(2), { captions: ['one'] }));
  await rejectsWith('BAD_USAGE', imageSheet(someImages(2), { columns: 0 }));
  await rejectsWith('BAD_DATA', imageSheet({ ...someImages(2), count: 3 }));
  await rejectsWith('BAD_DATA', imageSheet(someImages(2, [4, 4, 2])));
});

test('a reconstruction sheet has three rows per block and a legend', async () => {
  for (const [count, channels] of [
    [1, 1],
    [5, 3],
    [14, 1],
  ] as const) {
    const originals = someImages(count, [8, 8, channels]);
    const errors = Float32Array.from({ length: originals.pixels.length }, (_, i) => (i % 64) / 64);
    const captions = Array.from({ length: count }, (_, i) => `p = ${i}`);
    const figure = await reconstructionSheet({ originals, reconstructions: originals, errors, captions });
    assert.equal(figure.svg?.match(/<image /g)?.length, 3 * count);
    for (const word of ['Original', 'Reconstruction', 'Error']) assert.ok(figure.svg?.includes(word));
    await decode(figure);
  }
});

test('a reconstruction sheet takes signed and all-zero errors and refuses others', async () => {
  const originals = someImages(2);
  const base = { originals, reconstructions: originals };
  const signed = await reconstructionSheet({ ...base, errors: new Float32Array(128).map((_, i) => i - 64) });
  assert.ok(signed.svg?.includes('−'));
  await decode(await reconstructionSheet({ ...base, errors: new Float32Array(128) }));
  await rejectsWith('BAD_DATA', reconstructionSheet({ ...base, errors: new Float32Array(127) }));
  await rejectsWith(
    'BAD_DATA',
    reconstructionSheet({ ...base, errors: new Float32Array(128).fill(Number.NaN) }),
  );
  const errors = new Float32Array(128);
  await rejectsWith('BAD_DATA', reconstructionSheet({ originals, reconstructions: someImages(1), errors }));
  await rejectsWith('BAD_USAGE', reconstructionSheet({ ...base, originals: someImages(0), errors }));
});

test('an extremes sheet shows both blocks under their headings', async () => {
  const figure = await extremesSheet({
    most: someImages(6),
    least: someImages(4),
    mostCaptions: Array(6).fill('p < 0.001'),
    leastCaptions: Array(4).fill('p = 1'),
  });
  assert.equal(figure.svg?.match(/<image /g)?.length, 10);
  assert.ok(figure.svg?.includes('Most anomalous') && figure.svg.includes('Least anomalous'));
  await decode(figure);
  await rejectsWith('BAD_USAGE', extremesSheet({ most: someImages(0), least: someImages(1) }));
  await rejectsWith('BAD_DATA', extremesSheet({ most: someImages(1), least: someImages(1, [4, 4, 1]) }));
});

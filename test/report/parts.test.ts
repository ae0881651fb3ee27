import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { diverging, inferno } from '../../src/report/colours.ts';
import { measureText, shortenText, wrapText } from '../../src/report/font.ts';
import { formatDuration, formatNumber, formatShare } from '../../src/report/format.ts';
import { imageSheet, svgToPng, writeFigures } from '../../src/report/index.ts';
import { rejectsWith, someImages } from './support.ts';

test('figures are written whole, PNG and SVG, and replace older ones', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'oddity-figures-'));
  context.after(() => rm(folder, { recursive: true }));
  const figure = await imageSheet(someImages(2), { name: 'two-images' });
  await writeFigures(join(folder, 'deep', 'er'), [figure]);
  const paths = await writeFigures(join(folder, 'deep', 'er'), [figure]);
  assert.deepEqual(
    paths,
    ['png', 'svg'].map((end) => join(folder, 'deep', 'er', `two-images.${end}`)),
  );
  assert.deepEqual(await readdir(join(folder, 'deep', 'er')), ['two-images.png', 'two-images.svg']);
  assert.deepEqual(new Uint8Array(await readFile(paths[0]!)), figure.png);
});

test('a refusing disk is a STORAGE error and leaves nothing behind', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'oddity-figures-'));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'file'), '');
  const figure = await imageSheet(someImages(2));
  await rejectsWith('STORAGE', writeFigures(join(folder, 'file'), [figure]));
  await rejectsWith('STORAGE', writeFigures(join(folder, 'file', 'below'), [figure]));
  await rejectsWith('STORAGE', writeFigures('/proc/oddity', [figure]));
  await rejectsWith('BAD_USAGE', writeFigures(folder, [figure, figure]));
  await rejectsWith('BAD_USAGE', writeFigures(folder, [{ ...figure, name: '../up' }]));
  assert.deepEqual(await readdir(folder), ['file']);
});

test('an SVG that is none is refused', async () => {
  await rejectsWith('BAD_DATA', svgToPng('<svg'));
});

test('lightness grows along inferno and falls to both sides of the diverging map', () => {
  const light = ([r, g, b]: readonly number[]) => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  for (let step = 1; step <= 50; step++) {
    assert.ok(light(inferno(step / 50)) > light(inferno((step - 1) / 50)));
    for (const side of [-1, 1]) {
      assert.ok(light(diverging((side * step) / 50)) < light(diverging((side * (step - 1)) / 50)));
    }
  }
  assert.deepEqual(inferno(-1), inferno(0));
  assert.deepEqual(inferno(9), inferno(1));
});

test('text is measured, shortened and wrapped', () => {
  assert.ok(Math.abs(measureText('Mm', 10) - 17.79) < 0.1);
  assert.equal(shortenText('short', 100, 10), 'short');
  assert.match(shortenText('much too long a caption', 60, 10), /^much.*…$/);
  assert.ok(
    wrapText('several words that need two lines', 100, 12).every((line) => measureText(line, 12) <= 100),
  );
  assert.deepEqual(wrapText('', 100, 12), []);
});

test('numbers, shares and durations read well', () => {
  assert.deepEqual([0, 0.01234, 82.14, 12345, -3.5, 1e-6].map(formatNumber), [
    '0',
    '0.0123',
    '82.1',
    '12,350',
    '−3.5',
    '1.0e−6',
  ]);
  assert.deepEqual([0.001, 0.9312, 0.99974, 1, Number.NaN].map(formatShare), [
    '0.1%',
    '93.1%',
    '99.97%',
    '100%',
    '–',
  ]);
  assert.deepEqual([0.84, 42, 192, 7500].map(formatDuration), ['0.8 s', '42 s', '3 min 12 s', '2 h 5 min']);
});

// Small images and a reader of finished pictures, shared by the tests of this room.

import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { ImageSet } from '../../src/data/dataset.ts';
import { OddityError } from '../../src/errors.ts';
import type { Figure } from '../../src/report/index.ts';

/** A set of images with a gradient that differs from image to image. */
export function someImages(count: number, shape: ImageSet['shape'] = [8, 8, 1]): ImageSet {
  const size = shape[0] * shape[1] * shape[2];
  return { shape, count, pixels: Uint8Array.from({ length: count * size }, (_, i) => (i * 7) % 256) };
}

/** Decodes a figure's PNG to RGB and checks what holds for every figure. */
export async function decode(figure: Figure): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(figure.png).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.format, 'raw');
  assert.equal(info.channels, 3);
  assert.deepEqual([info.width, info.height], [figure.width, figure.height]);
  assert.ok(figure.width <= 1600, `${figure.name} is ${figure.width} pixels wide`);
  assert.ok(figure.png.length < 300_000, `${figure.name} has ${figure.png.length} bytes`);
  assert.ok(figure.title.length > 5 && figure.altText.startsWith(figure.title));
  assert.match(figure.name, /^[a-z-]+$/);
  return { data, width: info.width, height: info.height };
}

/** Counts dark pixels in a rectangle given as left, top, right, bottom. */
export function countDark(
  image: { data: Buffer; width: number },
  [left, top, right, bottom]: readonly [number, number, number, number],
): number {
  let dark = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if ((image.data[3 * (y * image.width + x)] ?? 255) < 128) dark++;
  }
  return dark;
}

/** Checks that a call fails with the code, in one line. */
export async function rejectsWith(code: OddityError['code'], call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof OddityError, String(error));
    assert.equal(error.code, code);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
}

// Arrays that a caller already holds, checked and brought to 8 bits: the way in for pages and programs.
// Apart from the readers so that a browser needs no file, and so that one rule rounds every pixel.

import { OddityError } from '../errors.ts';
import type { ImageSet, ImageShape } from './dataset.ts';

/** Numbers that are pixels: bytes 0..255, or fractions of white in [0, 1], flat or one row per image. */
export type PixelValues =
  | Uint8Array
  | Uint8ClampedArray
  | Float32Array
  | Float64Array
  | readonly (readonly number[])[];

export interface ImageSetOptions {
  /** One class index 0..255 per image. */
  readonly labels?: ArrayLike<number>;
  /** What error messages call the array; `images` unless told. */
  readonly name?: string;
}

/**
 * Makes an image set of `values`, `height * width * channels` numbers per image, row-major, channels last.
 * Bytes are taken as they are, without a copy; fractions are quantised to `round(255 x)`.
 * @throws OddityError BAD_DATA for NaN, an infinity or a value outside [0, 1], naming its row and position,
 *   and for lengths that do not fit the shape.
 */
export function toImageSet(values: PixelValues, shape: ImageShape, options: ImageSetOptions = {}): ImageSet {
  const name = options.name ?? 'images';
  const rowLength = checkShape(shape, name);
  const flat = isRows(values) ? joinRows(values, rowLength, name) : values;
  const count = flat.length / rowLength;
  if (!Number.isInteger(count) || count === 0) {
    throw new OddityError(
      'BAD_DATA',
      `${name}: expected a multiple of ${rowLength} values (${shape.join('x')} per image), got ${flat.length}; check the shape`,
      { data: { shape, length: flat.length } },
    );
  }
  const pixels =
    flat instanceof Uint8Array
      ? flat
      : flat instanceof Uint8ClampedArray
        ? new Uint8Array(flat.buffer, flat.byteOffset, flat.length)
        : quantise(flat, 1, rowLength, name);
  return withLabels({ shape, count, pixels }, options.labels, name);
}

/**
 * Adds class indices to a set, or returns the set as it is when there are none.
 * @throws OddityError BAD_DATA when the counts differ or a label is no integer in 0..255.
 */
export function withLabels(set: ImageSet, labels: ArrayLike<number> | undefined, name: string): ImageSet {
  if (labels === undefined) return set;
  if (labels.length !== set.count) {
    throw new OddityError(
      'BAD_DATA',
      `${name}: expected one label per image, got ${set.count} images and ${labels.length} labels; give the two files that belong together`,
      { data: { images: set.count, labels: labels.length } },
    );
  }
  if (labels instanceof Uint8Array) return { ...set, labels };
  const bytes = new Uint8Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? Number.NaN;
    if (!Number.isInteger(label) || label < 0 || label > 255) {
      throw new OddityError(
        'BAD_DATA',
        `${name}: expected labels that are whole numbers 0 to 255, got ${label} in row ${row}; number the classes from 0`,
        { data: { row, label } },
      );
    }
    bytes[row] = label;
  }
  return { ...set, labels: bytes };
}

/**
 * Rounds values in [0, white] to bytes. Row and position in messages count from 0.
 * @throws OddityError BAD_DATA for NaN, an infinity or a value outside the range.
 */
export function quantise(
  values: ArrayLike<number>,
  white: 1 | 255,
  rowLength: number,
  name: string,
): Uint8Array {
  const factor = 255 / white;
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // Written so that NaN fails it too.
    if (!(value >= 0 && value <= white)) throw badValue(value, white, i, rowLength, name);
    pixels[i] = Math.round(value * factor);
  }
  return pixels;
}

/** Checks a shape and returns the number of values in one image. Throws BAD_DATA. */
export function checkShape(shape: ImageShape, name: string): number {
  const [height, width, channels] = shape;
  const sane = (side: number, limit: number): boolean => Number.isInteger(side) && side >= 1 && side <= limit;
  if (!sane(height, 4096) || !sane(width, 4096) || !sane(channels, 4)) {
    throw new OddityError(
      'BAD_DATA',
      `${name}: expected images of 1 to 4096 pixels a side and 1 to 4 channels, got ${shape.join('x')}; check the header or the shape`,
      { data: { shape } },
    );
  }
  return height * width * channels;
}

function badValue(value: number, white: number, index: number, rowLength: number, name: string): OddityError {
  const row = Math.floor(index / rowLength);
  const position = index % rowLength;
  const mend = Number.isFinite(value)
    ? white === 1
      ? 'divide by 255, or pass bytes as a Uint8Array'
      : 'bring the values into [0, 1] or 0..255'
    : 'remove or fill that value';
  return new OddityError(
    'BAD_DATA',
    `${name}: expected values in 0..${white}, got ${value} in row ${row}, position ${position}; ${mend}`,
    { data: { row, position, value } },
  );
}

function isRows(values: PixelValues): values is readonly (readonly number[])[] {
  return Array.isArray(values);
}

function joinRows(rows: readonly (readonly number[])[], rowLength: number, name: string): Float64Array {
  const flat = new Float64Array(rows.length * rowLength);
  for (const [row, values] of rows.entries()) {
    const length = values?.length;
    if (length !== rowLength) {
      throw new OddityError(
        'BAD_DATA',
        `${name}: expected ${rowLength} values in each row, got ${length ?? typeof values} in row ${row}; check the shape`,
        { data: { row, length } },
      );
    }
    flat.set(values, row * rowLength);
  }
  return flat;
}

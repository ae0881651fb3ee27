// The IDX format of the MNIST family: bytes in, numbers or images out, nothing trusted.
// Apart from file reading so that a browser can open a dropped file.
// Source: Yann LeCun's description, "THE IDX FILE FORMAT", at the end of the MNIST page.

import { OddityError } from '../errors.ts';
import type { ImageSet, ImageShape } from './dataset.ts';
import { checkShape, quantise } from './images-from-pixels.ts';

/** The content of an IDX file; `values` in row-major order, as many as the product of `dimensions`. */
export type IdxArray = { readonly dimensions: readonly number[] } & (
  | { readonly type: 'ubyte'; readonly values: Uint8Array }
  | { readonly type: 'float'; readonly values: Float32Array }
  | { readonly type: 'double'; readonly values: Float64Array }
);

const elementTypes: Readonly<Record<number, { type: IdxArray['type']; size: number }>> = {
  8: { type: 'ubyte', size: 1 },
  13: { type: 'float', size: 4 },
  14: { type: 'double', size: 8 },
};

/**
 * Parses IDX bytes (big-endian; ubyte 0x08, float 0x0D, double 0x0E; 1 to 4 dimensions).
 * The values of a ubyte file are a view of `bytes`, not a copy. `name` is what messages call the file.
 * @throws OddityError BAD_DATA for another magic number, sizes out of reason, missing or trailing bytes.
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) {
    throw bad(name, 'expected an IDX header', `only ${bytes.length} bytes`, 'fetch the file again');
  }
  const element = elementTypes[view.getUint8(2)];
  const rank = view.getUint8(3);
  if (view.getUint16(0) !== 0 || element === undefined || rank < 1 || rank > 4) {
    const magic = `0x${view.getUint32(0).toString(16).padStart(8, '0')}`;
    throw bad(
      name,
      'expected IDX bytes that start with 0x000008, 0x00000d or 0x00000e and 1 to 4 dimensions',
      magic,
      view.getUint16(0) === 0x1f8b ? 'unpack the gzip first' : 'give an IDX file',
    );
  }
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw bad(
      name,
      `expected a header of ${headerLength} bytes`,
      `a file of ${bytes.length}, which is cut short`,
      'fetch it again',
    );
  }
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const shape = dimensions.join('x');
  const length = dimensions.reduce((product, size) => product * size, 1);
  if (length === 0 || length * element.size > 2 ** 32) {
    throw bad(
      name,
      'expected dimensions of 1 or more and less than 4 GiB in all',
      shape,
      'check how the file was written (sizes are big-endian)',
    );
  }
  const expected = headerLength + length * element.size;
  if (bytes.length !== expected) {
    const difference =
      bytes.length < expected
        ? `${bytes.length}, which is cut short`
        : `${bytes.length}, ${bytes.length - expected} too many`;
    throw bad(name, `expected ${expected} bytes for ${shape} ${element.type}`, difference, 'fetch it again');
  }
  if (element.type === 'ubyte') return { type: 'ubyte', dimensions, values: bytes.subarray(headerLength) };
  if (element.type === 'float') {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = view.getFloat32(headerLength + 4 * i);
    return { type: 'float', dimensions, values };
  }
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = view.getFloat64(headerLength + 8 * i);
  return { type: 'double', dimensions, values };
}

/**
 * Reads an IDX array of [count, height, width] or [count, height, width, channels] as images.
 * Floats must lie in [0, 1], or in 0..255 when the largest is 2 or more; they are rounded to 8 bits.
 * @throws OddityError BAD_DATA for other ranks, absurd sides, NaN, or values out of range.
 */
export function imagesFromIdx(array: IdxArray, name: string): ImageSet {
  const [count = 0, height = 0, width = 0, channels = 1] = array.dimensions;
  const rank = array.dimensions.length;
  if (rank < 3) {
    throw bad(
      name,
      'expected images in 3 or 4 dimensions',
      `${rank} (${array.dimensions.join('x')})${rank === 1 ? ', which looks like labels' : ''}`,
      'give the images file',
    );
  }
  const shape: ImageShape = [height, width, channels];
  const rowLength = checkShape(shape, name);
  if (array.type === 'ubyte') return { shape, count, pixels: array.values };
  let largest = 0;
  for (const value of array.values) if (value > largest) largest = value;
  // Nothing on a 0..255 scale stays below 2: such a file is a [0, 1] file gone wrong, and must not turn black.
  const white = largest >= 2 ? 255 : 1;
  return { shape, count, pixels: quantise(array.values, white, rowLength, name) };
}

/**
 * Reads a one-dimensional ubyte IDX array as class indices.
 * @throws OddityError BAD_DATA for any other rank or type.
 */
export function labelsFromIdx(array: IdxArray, name: string): Uint8Array {
  if (array.dimensions.length !== 1 || array.type !== 'ubyte') {
    throw bad(
      name,
      'expected labels in 1 dimension of ubyte',
      `${array.dimensions.join('x')} ${array.type}`,
      'give the labels file',
    );
  }
  return array.values;
}

function bad(name: string, expected: string, came: string, mend: string): OddityError {
  return new OddityError('BAD_DATA', `${name}: ${expected}, got ${came}; ${mend}`, { data: { name } });
}

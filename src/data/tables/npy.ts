// NumPy's array files (npy, versions 1 to 3): numbers of any width and byte order, rows first or columns first.
// Free of Node. Source: numpy.lib.format, NEP 1.
import { OddityError } from '../../errors.ts';

/** An array, always rows first. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** As NumPy writes it: '<f8', '|u1'. */
  readonly dtype: string;
  /** In row order. Integers past 2^53 are rounded. */
  readonly values: Float64Array;
}

type Getter = (view: DataView, at: number, little: boolean) => number;
const getters: Readonly<Record<string, Getter>> = {
  f8: (view, at, little) => view.getFloat64(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
};

function broken(name: string, expected: string, got: string, mend: string): OddityError {
  return new OddityError('BAD_DATA', `${name}: expected ${expected}, got ${got}; ${mend}`);
}

/** Reads one array. Throws BAD_DATA where the bytes are not a whole array of numbers. */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const again = 'write it again with numpy.save';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length > 10 && bytes[0] === 0x93 && String.fromCharCode(...bytes.subarray(1, 6));
  if (magic !== 'NUMPY') throw broken(name, 'a NumPy array', 'other bytes', again);
  const wide = (bytes[6] ?? 1) >= 2;
  const headerStart = wide ? 12 : 10;
  const headerLength = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = headerStart + headerLength;
  if (start > bytes.length) throw broken(name, 'a whole header', 'a cut one', again);
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerStart, start));
  const dtype = /'descr':\s*'([<>|=][a-z]\d+)'/.exec(header)?.[1] ?? '';
  const fortran = /'fortran_order':\s*True/.test(header);
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number);
  const get = getters[dtype.slice(1)];
  if (get === undefined) {
    const found = /'descr':\s*([^}]*?),\s*'fortran/.exec(header)?.[1]?.slice(0, 40) ?? 'none';
    throw broken(name, 'numbers (float, int or bool)', `dtype ${found}`, 'convert it with astype(float)');
  }
  const isBad = shape.some((side) => !Number.isSafeInteger(side) || side < 0);
  if (isBad || shape.length < 1 || (fortran && shape.length > 2)) {
    const wanted = fortran
      ? 'an array of one or two dimensions in columns-first order'
      : 'an array of one dimension or more';
    throw broken(name, wanted, `shape (${shape.join(', ')})`, 'reshape it');
  }
  const size = Number(dtype.slice(2));
  const [rows = 0, ...sides] = shape;
  const columns = sides.reduce((product, side) => product * side, 1);
  const expected = start + rows * columns * size;
  if (expected !== bytes.length) {
    throw broken(name, `${expected} bytes for shape (${shape.join(', ')})`, String(bytes.length), again);
  }
  const little = dtype[0] !== '>';
  const values = new Float64Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      values[i] = get(view, start + size * (fortran ? column * rows + row : i), little);
    }
  }
  return { shape, dtype, values };
}

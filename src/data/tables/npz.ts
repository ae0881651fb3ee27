// Several NumPy arrays in one zip (npz), each checked against its checksum, which damage and cuts do not pass.
// Free of Node.
import { inflateSync } from 'fflate';
import { OddityError } from '../../errors.ts';
import { type NpyArray, parseNpy } from './npy.ts';

/** Reads the arrays by their names. Throws BAD_DATA where the file is damaged or holds something else. */
export function parseNpz(bytes: Uint8Array, name: string): ReadonlyMap<string, NpyArray> {
  const arrays = new Map<string, NpyArray>();
  for (const entry of entriesOf(bytes, name)) {
    if (!entry.name.endsWith('.npy')) continue;
    arrays.set(entry.name.slice(0, -4), parseNpy(unpack(bytes, entry, name), `${name} (${entry.name})`));
  }
  return arrays;
}

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

function damaged(name: string, got: string, cause?: unknown): OddityError {
  return new OddityError(
    'BAD_DATA',
    `${name}: expected an intact npz file, got ${got}; fetch it again, or write it with numpy.savez`,
    { cause },
  );
}

/** The zip's table of contents, which stands at its end. */
function entriesOf(bytes: Uint8Array, name: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && end > bytes.length - 65_558 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) throw damaged(name, 'a cut one or another kind');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
      throw damaged(name, 'a broken table of contents');
    }
    const nameLength = view.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function unpack(bytes: Uint8Array, entry: ZipEntry, name: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (entry.at + 30 > bytes.length || entry.size === 0xffffffff) {
    throw damaged(name, `${entry.name} out of its bounds`);
  }
  const start = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
  const packed = bytes.subarray(start, start + entry.packed);
  let content: Uint8Array;
  try {
    // A copy where the array is stored: numbers want to begin at a multiple of their size.
    content = entry.method === 0 ? packed.slice() : inflateSync(packed, { out: new Uint8Array(entry.size) });
  } catch (cause) {
    throw damaged(name, `${entry.name} damaged`, cause);
  }
  if (content.length !== entry.size || crc32(content) !== entry.crc) {
    throw damaged(name, `${entry.name} with a wrong checksum`);
  }
  return content;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The zip's checksum (CRC-32, reflected polynomial 0xEDB88320). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

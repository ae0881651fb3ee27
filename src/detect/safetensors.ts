// Named float32 arrays in one file: the safetensors format (https://github.com/huggingface/safetensors).
// An 8-byte little-endian header length, a JSON header, the raw arrays. No code can hide in it.
import { z } from 'zod';
import { OddityError } from '../errors.ts';

export interface TensorFile {
  readonly tensors: Readonly<Record<string, Float32Array>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const entrySchema = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0)).length(1),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** Serialises flat float32 arrays; `metadata` holds strings only, as the format asks. */
export function encodeTensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, values] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape: [values.length], data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8 + 8));
  const length = Math.ceil(padded.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(padded, 8);
  let offset = 8 + length;
  for (const values of Object.values(tensors)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return bytes;
}

/** Reads what `encodeTensors` wrote. Throws BAD_DETECTOR, naming `name`, for anything else. */
export function decodeTensors(bytes: Uint8Array, name: string): TensorFile {
  const damaged = (what: string): OddityError =>
    new OddityError('BAD_DETECTOR', `${name} is damaged: ${what}; restore it from a copy or train again.`);
  if (bytes.length < 8) throw damaged(`expected at least 8 bytes, got ${bytes.length}`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerLength > bytes.length - 8) {
    throw damaged(`its header claims ${headerLength} bytes, the file has ${bytes.length}`);
  }
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  } catch {
    throw damaged('its header is no JSON');
  }
  const { __metadata__: metadata, ...entries } = header;
  const tensors: Record<string, Float32Array> = {};
  for (const [key, value] of Object.entries(entries)) {
    const entry = entrySchema.safeParse(value);
    if (!entry.success) throw damaged(`array '${key}' is described wrongly`);
    const [start, end] = entry.data.data_offsets;
    const [length = 0] = entry.data.shape;
    const base = 8 + headerLength;
    if (end - start !== 4 * length || base + end > bytes.length) {
      throw damaged(`array '${key}' should have ${4 * length} bytes, and the file ends early or disagrees`);
    }
    // Copied through the constructor: `slice` of a Node Buffer is a view, and its `buffer` the whole file.
    tensors[key] = new Float32Array(new Uint8Array(bytes.subarray(base + start, base + end)).buffer);
  }
  return { tensors, metadata: z.record(z.string(), z.string()).catch({}).parse(metadata) };
}

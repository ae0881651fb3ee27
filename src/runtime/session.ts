// A lowered graph that can run: the only file that imports ONNX Runtime.
// Which build of it is loaded (native in Node, wasm in browsers) is decided by package.json's `imports`.
import * as onnx from '#onnxruntime';
import { OddityError } from '../errors.ts';
import type { DataType, Tensor } from '../graph/tensor.ts';
import { lowerGraph, lowerLoop } from './lower.ts';

export type Device = 'cpu' | 'webgpu' | 'cuda';
export const devices: readonly Device[] = ['cpu', 'webgpu', 'cuda'];

export interface SessionOptions {
  /** Where to run; a device that the machine lacks is an error, never a silent fallback. */
  readonly device?: Device;
  /** Threads inside one operation; by default the runtime's choice. */
  readonly threads?: number;
  /** Writes the runtime's own profile (Node only) to files that start so. */
  readonly profilePrefix?: string;
}

export type Values = Float32Array | Uint8Array | BigInt64Array;
/** Text inputs; no output is text. */
export type Texts = readonly string[];

/** An array with its shape; the runtime reads it, or fills it, in place. */
export interface Buffer {
  readonly values: Values | Texts;
  readonly shape: readonly number[];
  readonly tensor: onnx.Tensor;
}
export type Buffers = Readonly<Record<string, Buffer>>;

const dataTypeOf = (values: Values | Texts): DataType =>
  values instanceof Float32Array
    ? 'float32'
    : values instanceof Uint8Array
      ? 'uint8'
      : values instanceof BigInt64Array
        ? 'int64'
        : 'string';

/** Wraps `values` (shared, not copied) so that a session can read or fill them. */
export function createBuffer<Kind extends Values | Texts>(
  values: Kind,
  shape: readonly number[],
): Buffer & { readonly values: Kind } {
  return { values, shape, tensor: new onnx.Tensor(dataTypeOf(values), values as Values, shape) };
}

export interface Session {
  /** Runs the graph: reads `feeds`, fills `fetches` in place; outputs that are not fetched are dropped. */
  run(feeds: Buffers, fetches: Buffers): Promise<void>;
  close(): Promise<void>;
}

/** Lowers `outputs` and opens a session for them. */
export function compile(
  outputs: Readonly<Record<string, Tensor>>,
  options: SessionOptions = {},
): Promise<Session> {
  return openSession(lowerGraph(outputs), options);
}

/** Lowers a step to a loop of steps (see `lowerLoop`) and opens a session for it. */
export function compileLoop(
  outputs: Readonly<Record<string, Tensor>>,
  carried: Readonly<Record<string, string>>,
  options: SessionOptions = {},
): Promise<Session> {
  return openSession(lowerLoop(outputs, carried), options);
}

/** Opens a session on the bytes of an .onnx file. Throws UNSUPPORTED where the device is missing. */
export async function openSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { device = 'cpu', threads, profilePrefix } = options;
  let session: onnx.InferenceSession;
  try {
    session = await onnx.InferenceSession.create(model, {
      executionProviders: [device === 'cpu' && isBrowserBuild ? 'wasm' : device],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      logSeverityLevel: 3,
      // Waiting threads sleep: where cores are shared, spinning made two threads half as fast as one.
      extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    });
  } catch (cause) {
    if (device === 'cpu') throw cause;
    throw new OddityError(
      'UNSUPPORTED',
      `Device '${device}' was asked for, but this machine has none that ONNX Runtime can use; choose --device cpu.`,
      { cause, data: { device } },
    );
  }
  return {
    async run(feeds, fetches) {
      if (!isBrowserBuild) {
        // Native builds fill our memory, and what they return is one more copy.
        await session.run(tensorsOf(feeds), tensorsOf(fetches));
        return;
      }
      const results = await session.run(tensorsOf(feeds), Object.keys(fetches));
      for (const [name, { values }] of Object.entries(fetches)) {
        (values as Uint8Array).set(results[name]?.data as Uint8Array);
      }
    },
    async close() {
      if (profilePrefix !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

// The runtime's own lines on stderr say nothing that our errors do not.
onnx.env.logLevel = 'fatal';

const isBrowserBuild = 'env' in onnx && !('listSupportedBackends' in onnx);

function tensorsOf(buffers: Buffers): Record<string, onnx.Tensor> {
  const tensors: Record<string, onnx.Tensor> = {};
  for (const name in buffers) {
    const buffer = buffers[name];
    if (buffer !== undefined) tensors[name] = buffer.tensor;
  }
  return tensors;
}

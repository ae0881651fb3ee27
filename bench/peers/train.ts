// Our side of bench/train.ts, in a process of its own: the same protocol as train.py (see there).
// Which runtime it times is the import condition it is started with: native, or wasm with `-C browser`.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { env } from '#onnxruntime';
import type { NetworkName } from '../networks.ts';
import { openTrainer } from '../trainer.ts';

export interface Task {
  readonly network: NetworkName;
  readonly batch: number;
  readonly threads: number;
  readonly folder: string;
  /** Names of PyTorch's parameters in weights.f32; our own weights follow from the seed. */
  readonly weights: readonly string[];
  readonly latentDim: number;
  readonly learningRate: number;
  readonly beta1: number;
}
export interface Reply {
  readonly seconds: number;
  readonly losses: Readonly<Record<string, readonly number[]>>;
  readonly peakMemory: number;
}

/** Of this process since its start, in bytes. */
function peakMemory(): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { network, threads, folder } = JSON.parse((await lines.next()).value) as Task;
env.wasm.numThreads = threads;
const rows = {
  images: new Uint8Array(readFileSync(`${folder}/images.u8`)),
  noise: new Float32Array(new Uint8Array(readFileSync(`${folder}/noise.f32`)).buffer),
};
const { train } = await openTrainer(network, rows, { threads });
for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const reply: Reply = { ...(await train(JSON.parse(line.value).steps)), peakMemory: peakMemory() };
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

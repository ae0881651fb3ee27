// Training speed: ours beside PyTorch's and our own in wasm, on the same networks, weights, batches and machine.
// Rounds alternate between the engines, and the median counts, so that a busy machine is unfair to none.
// Drawing noise and reading images are left out on all sides. `--json` prints one JSON object instead of
// the table; names of networks (conv, mlp, dcgan, autoencoder) time only those.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { initialState } from '../src/detect/fit.ts';
import { layoutOf } from '../src/detect/training-step.ts';
import { type NetworkName, networks, peerWeights } from './networks.ts';
import type { Reply, Task } from './peers/train.ts';
import { batch, createRows, seed } from './trainer.ts';

const lossTolerance = 1e-3;
const rounds = 5;
const roundSeconds = 1.2;
const probeSeconds = 0.8;

interface Engine {
  readonly name: string;
  readonly command: readonly [program: string, ...parameters: string[]];
  /** Thread counts to choose from. */
  readonly threads: readonly number[];
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ours = (...conditions: string[]) =>
  [
    process.execPath,
    '--import',
    'tsx',
    '-C',
    'oddity-source',
    ...conditions,
    here('peers/train.ts'),
  ] as const;

/** The first Python that has PyTorch, and its version. */
function findPyTorch(): { program: string; version: string } | undefined {
  for (const program of ['python3', '/usr/bin/python3']) {
    try {
      const code = 'import torch, numpy; print(torch.__version__)';
      const version = execFileSync(program, ['-c', code], { stdio: ['ignore', 'pipe', 'ignore'] });
      return { program, version: version.toString().trim() };
    } catch {}
  }
  return undefined;
}

/** A training process that answers one line with one line; `losses` holds those of all its steps, by name. */
function start(engine: Engine, task: Task) {
  const [program, ...parameters] = engine.command;
  const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify(task)}\n`);
  const losses: Record<string, number[]> = {};
  return {
    engine,
    threads: task.threads,
    losses,
    async train(steps: number): Promise<{ stepSeconds: number; peakMemory: number }> {
      child.stdin.write(`${JSON.stringify({ steps })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${engine.name} ended before it answered.`);
      const reply = JSON.parse(value) as Reply;
      for (const [name, values] of Object.entries(reply.losses)) {
        losses[name] = [...(losses[name] ?? []), ...values];
      }
      return { stepSeconds: reply.seconds / steps, peakMemory: reply.peakMemory };
    },
    close: () => child.stdin.end(),
  };
}
type Trainer = ReturnType<typeof start>;

const stepsIn = (seconds: number, stepSeconds: number): number =>
  Math.max(2, Math.ceil(seconds / stepSeconds));

/** Starts an engine with the thread count that serves it best, and says how fast that was. */
async function startFastest(engine: Engine, task: Omit<Task, 'threads'>) {
  let best: { trainer: Trainer; stepSeconds: number } | undefined;
  for (const threads of engine.threads) {
    const trainer = start(engine, { ...task, threads });
    await trainer.train(1);
    const { stepSeconds: first } = await trainer.train(4);
    const { stepSeconds } = await trainer.train(stepsIn(probeSeconds, first));
    const isBetter = best === undefined || stepSeconds < best.stepSeconds;
    (isBetter ? best?.trainer : trainer)?.close();
    if (isBetter) best = { trainer, stepSeconds };
  }
  return best!;
}

/** Writes what the processes read, and says what else they must know. */
function prepareTask(network: NetworkName, folder: string): Omit<Task, 'threads'> {
  const { createModel, optimiser } = networks[network];
  const { adam, learningRate } = optimiser;
  const model = createModel();
  const { weights } = initialState(model, seed, adam);
  const { names, values } = peerWeights(networks[network], layoutOf(model), weights);
  const { images, noise } = createRows(network);
  writeFileSync(join(folder, 'weights.f32'), values);
  writeFileSync(join(folder, 'images.u8'), images);
  writeFileSync(join(folder, 'noise.f32'), noise);
  const { latentDim } = model;
  return { network, batch, folder, weights: names, latentDim, learningRate, beta1: adam.beta1 };
}

/** The largest relative difference of any loss from the reference's, over the first `steps` steps. */
function lossDifference(losses: Trainer['losses'], reference: Trainer['losses'], steps: number): number {
  const differences = Object.entries(reference).flatMap(([name, values]) =>
    values.slice(0, steps).map((value, step) => Math.abs(losses[name]![step]! / value - 1)),
  );
  return Math.max(...differences);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function measure(network: NetworkName, engines: readonly Engine[]) {
  const { title, comparedSteps } = networks[network];
  const folder = mkdtempSync(join(tmpdir(), 'oddity-bench-'));
  try {
    const task = prepareTask(network, folder);
    const running: Awaited<ReturnType<typeof startFastest>>[] = [];
    for (const engine of engines) running.push(await startFastest(engine, task));
    const measured = running.map(() => ({ speeds: [] as number[], peakMemory: 0 }));
    for (let round = 0; round < rounds; round++) {
      for (const [i, { trainer, stepSeconds }] of running.entries()) {
        const reply = await trainer.train(stepsIn(roundSeconds, stepSeconds));
        measured[i]!.speeds.push(batch / reply.stepSeconds);
        measured[i]!.peakMemory = reply.peakMemory;
      }
    }
    for (const { trainer } of running) {
      const done = Object.values(trainer.losses)[0]!.length;
      if (done < comparedSteps) await trainer.train(comparedSteps - done);
      trainer.close();
    }
    return {
      network,
      title,
      comparedSteps,
      engines: running.map(({ trainer: { engine, threads, losses } }, i) => ({
        engine: engine.name,
        threads,
        samplesPerSecond: median(measured[i]!.speeds),
        rounds: measured[i]!.speeds,
        peakMemory: measured[i]!.peakMemory,
        lossDifference: lossDifference(losses, running[0]!.trainer.losses, comparedSteps),
      })),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Measured = Awaited<ReturnType<typeof measure>>;

function formatTable(results: readonly Measured[]): string {
  const header = [
    'network',
    'engine',
    'threads',
    'samples/s',
    'of PyTorch',
    'slowest',
    'fastest',
    'peak MiB',
    'loss diff',
  ];
  const rows = results.flatMap(({ title, engines }) => {
    const peer = engines.find(({ engine }) => engine === 'PyTorch')?.samplesPerSecond;
    return engines.map((each, i) => [
      i === 0 ? title : '',
      each.engine,
      `${each.threads}`,
      each.samplesPerSecond.toFixed(0),
      peer === undefined ? '-' : (each.samplesPerSecond / peer).toFixed(2),
      Math.min(...each.rounds).toFixed(0),
      Math.max(...each.rounds).toFixed(0),
      (each.peakMemory / 2 ** 20).toFixed(0),
      i === 0 ? '' : each.lossDifference.toExponential(0),
    ]);
  });
  const widths = header.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}

const json = process.argv.includes('--json');
const all = Object.keys(networks) as NetworkName[];
const chosen = all.filter((name) => process.argv.includes(name));
const pytorch = findPyTorch();
const allThreads = availableParallelism();
const threads = allThreads > 1 ? [1, allThreads] : [1];
const engines: Engine[] = [
  { name: 'Oddity', command: ours(), threads },
  ...(pytorch
    ? [{ name: 'PyTorch', command: [pytorch.program, here('peers/train.py')], threads } as Engine]
    : []),
  { name: 'Oddity, wasm', command: ours('-C', 'browser'), threads: [1] },
];
const processor = cpus()[0]?.model ?? 'unknown processor';
if (!json) {
  console.log(
    `${processor}, ${allThreads} cores, Node ${process.versions.node}, batch ${batch}, median of ${rounds}`,
  );
  if (pytorch === undefined)
    console.log('PyTorch not found (Debian: apt install python3-torch); ours alone.');
  else console.log(`PyTorch ${pytorch.version}`);
}
const results: Measured[] = [];
for (const network of chosen.length > 0 ? chosen : all) {
  const timed = engines.filter(({ name }) => network !== 'autoencoder' || name !== 'Oddity, wasm');
  results.push(await measure(network, timed));
}
const worst = Math.max(...results.flatMap(({ engines: timed }) => timed.map((each) => each.lossDifference)));
const machine = {
  processor,
  cores: allThreads,
  node: process.versions.node,
  pytorch: pytorch?.version ?? null,
};
if (json) console.log(JSON.stringify({ machine, batch, rounds, lossTolerance, results }, null, 2));
else {
  console.log(`\n${formatTable(results)}`);
  console.log(
    `\nLargest relative difference of the losses over the first steps (${results.map((each) => each.comparedSteps).join(', ')}): ${worst.toExponential(1)}`,
  );
}
if (!(worst <= lossTolerance)) {
  console.error(`The losses differ by more than ${lossTolerance}: the networks are not the same.`);
  process.exitCode = 1;
}

// Where a training step spends its time, by ONNX Runtime's own profile.
// node --import tsx -C oddity-source bench/profile.ts conv|mlp|dcgan|autoencoder [threads]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NetworkName, networks } from './networks.ts';
import { createRows, openTrainer } from './trainer.ts';

const steps = 30;
const warmUpSteps = 10;

/** An event of the profile; times are in microseconds. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly node_index?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

const network = process.argv[2] as NetworkName;
if (!(network in networks)) throw new RangeError(`Name one of ${Object.keys(networks).join(', ')}.`);
const threads = Number(process.argv[3] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'oddity-profile-'));
const trainer = await openTrainer(network, createRows(network), {
  threads,
  profilePrefix: join(folder, 'p'),
});
await trainer.train(warmUpSteps);
const { seconds } = await trainer.train(steps);
await trainer.close();
const events = readdirSync(folder).flatMap(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ProfileEvent[],
);
rmSync(folder, { recursive: true });

// The loop around the steps is left out: its time is that of the nodes within.
const kernels = events.filter(
  ({ cat, name, args }) => cat === 'Node' && name.endsWith('_kernel_time') && args?.op_name !== 'Loop',
);

function groupBy<Key>(timed: readonly ProfileEvent[], keyOf: (event: ProfileEvent) => Key) {
  const groups = new Map<Key, ProfileEvent[]>();
  for (const event of timed) groups.set(keyOf(event), [...(groups.get(keyOf(event)) ?? []), event]);
  return groups;
}

/** A node runs once in a step; its median over the steps is hardly longer when others use the machine. */
const nodes = [...groupBy(kernels, ({ args }) => args?.node_index).values()].map((runs) => {
  const byDuration = runs.toSorted((a, b) => a.dur - b.dur);
  return byDuration[Math.floor(byDuration.length / 2)] as ProfileEvent;
});
const sum = (timed: readonly ProfileEvent[]): number =>
  timed.reduce((microseconds, { dur }) => microseconds + dur, 0);
const total = sum(nodes);

/** The groups of nodes that take longest, with their share: microseconds and calls per step. */
function ranked(keyOf: (event: ProfileEvent) => string): string[][] {
  return [...groupBy(nodes, keyOf)]
    .map(([key, members]) => ({ key, time: sum(members), calls: members.length }))
    .sort((a, b) => b.time - a.time)
    .map(({ key, time, calls }) => [
      time.toFixed(0),
      `${((100 * time) / total).toFixed(1)} %`,
      calls.toFixed(0),
      key,
    ]);
}

const shapes = (list: NonNullable<ProfileEvent['args']>['input_type_shape'] = []): string =>
  list.map((each) => Object.values(each).map((shape) => `[${shape.join(',')}]`)).join(' ');

function print(title: string, rows: readonly string[][]): void {
  console.log(`\n${'us/step'.padStart(8)}${'share'.padStart(9)}${'calls'.padStart(7)}  ${title}`);
  for (const [time, share, calls, key] of rows) {
    console.log(`${time?.padStart(8)}${share?.padStart(9)}${calls?.padStart(7)}  ${key}`);
  }
}

const wall = (1e6 * seconds) / steps;
console.log(
  `${networks[network].title}, ${threads} thread(s): ${wall.toFixed(0)} us per step while profiled, ` +
    `${total.toFixed(0)} us of it in kernels`,
);
print(
  'operation',
  ranked(({ args }) => args?.op_name ?? ''),
);
print(
  'node: inputs -> outputs',
  ranked(
    ({ args }) =>
      `${args?.op_name} #${args?.node_index}: ${shapes(args?.input_type_shape)} -> ${shapes(args?.output_type_shape)}`,
  ).slice(0, 12),
);

// Scoring a table from file to file: rows per second of reading alone, of scoring alone and of `oddity score --out`.
// Makes its own Parquet of normal numbers in a temporary folder, trains a small detector on another, and leaves nothing
// behind. `--rows N` (1,000,000), `--columns N` (29), `--threads N` (1); `--json` prints one JSON object.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Streams } from '../src/cli/context.ts';
import { runCli } from '../src/cli/program.ts';
import { openDatabase } from '../src/data/tables/database.ts';
import { streamBatches } from '../src/data/tables/read-rows.ts';
import { openLike, parseReading } from '../src/data/tables/reading.ts';
import { load } from '../src/detect/storage.ts';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    columns: { type: 'string', default: '29' },
    threads: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    // What runs in a process of its own, so that its peak memory is its own.
    part: { type: 'string' },
    folder: { type: 'string' },
  },
});
const [rows, columns, threads] = [Number(flags.rows), Number(flags.columns), Number(flags.threads)];
const here = fileURLToPath(import.meta.url);
const source = ['--import', 'tsx', '-C', 'oddity-source'];
const batchRows = 16_384;

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

async function makeTable(path: string, count: number): Promise<void> {
  const database = await openDatabase(threads);
  const connection = await database.connect();
  const normal = 'sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';
  const select = Array.from({ length: columns }, (_, i) => `${normal} AS v${i}`).join(', ');
  await connection.run(`COPY (SELECT ${select} FROM range(${count})) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  await database.close();
}

/** Reads every row, and scores it where asked to; seconds of the scoring alone are told apart. */
async function readTable(folder: string, scores: boolean): Promise<Measured> {
  const detector = await load(join(folder, 'detector'), { threads });
  const reading = parseReading(detector.manifest.data.source, folder);
  const table = await openLike(join(folder, 'rows.parquet'), reading, { threads });
  let [scoring, cpu, held] = [0, process.cpuUsage(), undefined as unknown];
  const began = performance.now();
  for await (const { rows: set } of streamBatches(table, reading.schema, { batchRows })) {
    held ??= set;
    if (scores) break;
  }
  let seconds = (performance.now() - began) / 1000;
  if (scores) {
    const set = held as Parameters<typeof detector.score>[0];
    await detector.score(set, { terms: false });
    cpu = process.cpuUsage();
    const started = performance.now();
    for (; scoring < rows; scoring += set.count) await detector.score(set, { terms: false });
    seconds = ((performance.now() - started) / 1000) * (rows / scoring);
  }
  const { user, system } = process.cpuUsage(cpu);
  await table.close();
  await detector.close();
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

/** The command as users run it; it says itself how long it took without its start. */
async function runCommand(folder: string): Promise<Measured> {
  const stdout = new PassThrough();
  const said = text(stdout);
  const cpu = process.cpuUsage();
  const files = [join(folder, 'detector'), join(folder, 'rows.parquet')];
  const words = ['score', ...files, '--out', join(folder, 'scored.parquet')];
  const more = ['--threads', String(threads), '--json'];
  const streams = { stdout, stderr: process.stderr } as unknown as Streams;
  const code = await runCli([...words, ...more], streams, new AbortController().signal);
  if (code !== 0) throw new Error(`oddity ${words.join(' ')}: exit code ${code}`);
  stdout.end();
  const { user, system } = process.cpuUsage(cpu);
  const { seconds } = JSON.parse(await said) as { seconds: number };
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

const parts: Readonly<Record<string, (folder: string) => Promise<Measured>>> = {
  'reading alone': (folder) => readTable(folder, false),
  'scoring alone': (folder) => readTable(folder, true),
  'score --out': runCommand,
};

async function measureAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'oddity-bench-'));
  try {
    await makeTable(join(folder, 'train.parquet'), 5000);
    await makeTable(join(folder, 'rows.parquet'), rows);
    const command = ['train', join(folder, 'train.parquet'), '--out', join(folder, 'detector')];
    const small = ['--epochs', '1', '--members', '1', '--latent-dim', '2', '--option', 'hidden=[32]'];
    const cli = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
    execFileSync(process.execPath, [...source, cli, ...command, ...small, '--threads', String(threads)], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const shared = [...source, here, '--rows', String(rows), '--columns', String(columns)];
    const results = Object.keys(parts).map((part) => {
      const own = ['--threads', String(threads), '--part', part, '--folder', folder];
      const { stdout, stderr } = spawnSync(process.execPath, [...shared, ...own], { encoding: 'utf8' });
      if (stdout === '') throw new Error(`${part}: ${stderr}`);
      return { part, ...(JSON.parse(stdout) as Measured) };
    });
    const machine = {
      processor: cpus()[0]?.model,
      cores: availableParallelism(),
      node: process.versions.node,
    };
    if (flags.json) console.log(JSON.stringify({ machine, rows, columns, threads, results }, null, 2));
    else {
      console.log(`${machine.processor}, ${machine.cores} cores, Node ${machine.node}`);
      console.log(`${rows} rows of ${columns} numbers, ${threads} thread${threads === 1 ? '' : 's'}\n`);
      console.log('                    rows/s   CPU us/row   peak MiB');
      for (const { part, seconds, cpuSeconds, peakMiB } of results) {
        const cells = [
          (rows / seconds).toFixed(0).padStart(11),
          ((1e6 * cpuSeconds) / rows).toFixed(2).padStart(12),
          peakMiB.toFixed(0).padStart(10),
        ];
        console.log(`${part.padEnd(15)}${cells.join(' ')}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { part, folder } = flags;
if (part === undefined || folder === undefined) await measureAll();
else console.log(JSON.stringify(await parts[part]?.(folder)));

// What the tests of the command line share: the program as a child process, a little dataset, folder hashes.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Streams } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/program.ts';
import { createDigits } from '../../src/data/digits.ts';
import { idxBytes } from '../data/support.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** The words that run the program from any folder. */
export const program = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  '-C',
  'oddity-source',
  main,
];

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sees stderr as it grows. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
  readonly onStart?: (child: ChildProcess) => void;
}

export const oddity = (words: readonly string[], options: SpawnOptions = {}): Promise<Outcome> =>
  runProgram([...program, ...words], options);

export function runProgram(
  [file = '', ...words]: readonly string[],
  options: SpawnOptions,
): Promise<Outcome> {
  const child = spawn(file, words, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    options.onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The same in this process, which saves the start; without signals, terminals and native libraries' own words. */
export async function oddityHere(words: readonly string[]): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = [text(stdout), text(stderr)] as const;
  const code = await runCli(words, { stdout, stderr } as unknown as Streams, new AbortController().signal);
  stdout.end();
  stderr.end();
  return { code, signal: null, stdout: await texts[0], stderr: await texts[1] };
}

/** Runs the program and checks that it ends well; returns what it printed. */
export async function succeeds(words: readonly string[], options?: SpawnOptions): Promise<string> {
  const { code, stdout, stderr } = await (options === undefined ? oddityHere(words) : oddity(words, options));
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The same with --json and --quiet: nothing on stderr, and one JSON value on stdout. */
export async function succeedsInJson(words: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await oddityHere([...words, '--json', '--quiet']);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

/** Checks the exit code, that the error is one line, and what it says; with --quiet so that nothing else is there. */
export function isOneLine({ code, stdout, stderr }: Outcome, expected: number, message: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.match(stderr, /^oddity: [^\n]+\n$/, 'exactly one line');
  assert.match(stderr, message);
  assert.equal(stdout, '');
}

export async function failsWith(words: readonly string[], code: number, message: RegExp): Promise<void> {
  isOneLine(await oddityHere([...words, '--quiet']), code, message);
}

export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'oddity-cli-'));
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Writes 500 training and 300 test digits as a folder of IDX files. */
export function writeDigits(folder: string): string {
  const { train, test } = createDigits({ seed: 5, trainCount: 500, testCount: 300 });
  mkdirSync(folder, { recursive: true });
  for (const [name, set] of [['train', train] as const, ['t10k', test] as const]) {
    const images = idxBytes(8, [set.count, 28, 28], []);
    writeFileSync(
      join(folder, `${name}-images-idx3-ubyte`),
      Buffer.concat([images.subarray(0, 16), set.pixels]),
    );
    const labels = idxBytes(8, [set.count], []);
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), Buffer.concat([labels, set.labels!]));
  }
  return folder;
}

/** Flags of a training that takes a second; so few rows can promise one false alarm in twenty. */
export const quick = [
  ...['--anomaly', '0', '--latent-dim', '4', '--threads', '1'],
  ...['--false-alarm-rate', '0.05'],
];

/** SHA-256 of each file in a folder. */
export function hashes(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

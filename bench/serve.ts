// The bars of the server and of streams, each a ratio or a count within one run: `npm run bench:serve [-- section ...]`.
// Sections: requests, bulk, stream, malformed, faults, memory (ten minutes; `--seconds` shortens it). The load comes
// from processes on the same cores. Prints one JSON line per bar, and what else used the machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveTransactions } from '../test/serve/support.ts';
import { benchFaults } from './serving/faults.ts';
import { benchMalformed } from './serving/malformed.ts';
import { benchBulk, benchMemory, benchRequests } from './serving/requests.ts';
import { benchStream } from './serving/stream.ts';

export interface BenchContext {
  /** A small detector of transactions: two numbers and a category. */
  readonly detector: string;
  /** For files of the run; removed at its end. */
  readonly folder: string;
  readonly seconds: number | undefined;
  report(bar: string, values: object): void;
}

const sections: Readonly<Record<string, (context: BenchContext) => Promise<void>>> = {
  requests: benchRequests,
  bulk: benchBulk,
  stream: benchStream,
  malformed: benchMalformed,
  faults: benchFaults,
  memory: benchMemory,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' } },
});
const folder = mkdtempSync(join(tmpdir(), 'oddity-bench-'));
try {
  const detector = join(folder, 'transactions');
  await saveTransactions(detector);
  for (const name of positionals.length > 0 ? positionals : Object.keys(sections)) {
    const run = sections[name];
    if (run === undefined) throw new Error(`expected ${Object.keys(sections).join(', ')}, got ${name}`);
    await run({
      detector,
      folder,
      seconds: values.seconds === undefined ? undefined : Number(values.seconds),
      report: (bar, found) =>
        console.log(
          JSON.stringify({
            bar,
            ...found,
            loadOfMachine: loadavg().map((each) => Math.round(10 * each) / 10),
          }),
        ),
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// HTTP: one row per request against the same route without a model, many rows per request, memory at the bound.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { scoreBody, scoreReply } from '../../src/serve/http/schemas.ts';
import { program } from '../../test/cli/support.ts';
import { transactions } from '../../test/serve/support.ts';
import type { BenchContext } from '../serve.ts';
import { askFor, type LoadReport, processorSeconds } from './load.ts';

const name = 'transactions';
const path = `/v1/detectors/${name}/score`;

/** A server in a process of its own, by the command line. */
async function startServer(detector: string, words: readonly string[] = []) {
  const [file = '', ...rest] = [
    ...program,
    'serve',
    `${name}=${detector}`,
    '--port',
    '0',
    '--json',
    ...words,
  ];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('\n}\n')) break;
  }
  const { url } = JSON.parse(text) as { url: string };
  return {
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The same route, schema and answer, with nothing behind it: run in a process of its own too. */
async function startNull() {
  const child = spawn(
    process.execPath,
    [...process.execArgv, new URL('./null-route.ts', import.meta.url).pathname],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return {
    port: Number(text),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A route that only parses, checks and answers. */
export async function listenNull(): Promise<void> {
  const app = Fastify();
  const schema = { body: scoreBody, response: { 200: scoreReply } };
  app.post('/v1/detectors/:name/score', { schema }, async () => ({
    detector: name,
    version: '000000000000',
    falseAlarmRate: 0.02,
    threshold: 1.5,
    results: [{ score: 0.10613240301609, pValue: 0.4588235318660736, anomaly: false }],
  }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  console.log(new URL(url).port);
  process.on('SIGTERM', () => process.exit(0));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

export async function benchRequests({ detector, seconds = 4, report }: BenchContext): Promise<void> {
  const [server, nothing] = [await startServer(detector), await startNull()];
  const body = JSON.stringify({ row: transactions(1, 'bench')[0] });
  const rounds: { readonly own: LoadReport; readonly bare: LoadReport }[] = [];
  // Turn by turn, so that what else the machine does befalls both.
  for (let round = 0; round < 5; round++) {
    const bare = await askFor({ port: nothing.port, path, connections: 32, seconds, body });
    const own = await askFor({ port: server.port, path, connections: 32, seconds, body });
    rounds.push({ own, bare });
  }
  await Promise.all([server.stop(), nothing.stop()]);
  const of = (take: (round: (typeof rounds)[number]) => number): number =>
    Number(median(rounds.map(take)).toPrecision(4));
  report('one row per request, 32 connections: at least 0.5 of the bare route, p99 at most 4 times its own', {
    requestsPerSecond: of(({ own }) => own.perSecond),
    bareRequestsPerSecond: of(({ bare }) => bare.perSecond),
    ratio: of(({ own, bare }) => own.perSecond / bare.perSecond),
    p99: of(({ own }) => own.p99),
    bareP99: of(({ bare }) => bare.p99),
    p99Ratio: of(({ own, bare }) => own.p99 / bare.p99),
    statuses: rounds[0]?.own.statuses,
  });
}

export async function benchBulk({ detector, seconds = 4, report }: BenchContext): Promise<void> {
  const server = await startServer(detector);
  const rows = transactions(64, 'bench');
  const columns = Object.fromEntries(
    (['amount', 'hour', 'country'] as const).map((each) => [each, rows.map((row) => row[each])]),
  );
  for (const [form, body] of [
    ['rows', JSON.stringify({ rows })] as const,
    ['columns', JSON.stringify({ columns })] as const,
  ]) {
    const found: LoadReport[] = [];
    const [before, begun] = [processorSeconds(server.pid), performance.now()];
    for (let round = 0; round < 3; round++) {
      found.push(await askFor({ port: server.port, path, connections: 16, seconds, body }));
    }
    report(`64 rows per request, as ${form}: at least 200,000 rows a second`, {
      rowsPerSecond: Math.round(64 * median(found.map(({ perSecond }) => perSecond))),
      // How much of the two cores the server got: on a machine of its own it gets more.
      serverCores: Number(
        ((processorSeconds(server.pid) - before) / ((performance.now() - begun) / 1000)).toFixed(2),
      ),
      p99: median(found.map(({ p99 }) => p99)),
      statuses: found[0]?.statuses,
    });
  }
  await server.stop();
}

export async function benchMemory({ detector, seconds = 600, report }: BenchContext): Promise<void> {
  const server = await startServer(detector, ['--max-queue', '2048']);
  const body = JSON.stringify({ rows: transactions(64, 'bench') });
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;
  const samples: { readonly at: number; readonly mib: number }[] = [];
  const begun = performance.now();
  const timer = setInterval(
    () => samples.push({ at: (performance.now() - begun) / 1000, mib: resident() }),
    1000,
  );
  // 128 connections of 64 rows are four times the bound: most are refused, all the time.
  const { statuses } = await askFor({ port: server.port, path, connections: 128, seconds, body });
  clearInterval(timer);
  await server.stop();
  const mean = (from: number, to: number): number => {
    const part = samples.filter(({ at }) => at >= from * seconds && at < to * seconds).map(({ mib }) => mib);
    return part.reduce((sum, value) => sum + value, 0) / Math.max(1, part.length);
  };
  const [early, late] = [mean(0.1, 0.3), mean(0.8, 1)];
  report(`${seconds} seconds of load past the bound: resident memory flat within 5 %`, {
    earlyMiB: Math.round(early),
    lateMiB: Math.round(late),
    mostMiB: Math.round(Math.max(...samples.map(({ mib }) => mib))),
    growth: Number((late / early - 1).toFixed(4)),
    statuses,
  });
}

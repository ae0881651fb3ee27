// A backlog in JetStream, scored and stored by two workers on the cores that the NATS server uses too.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { program } from '../../test/cli/support.ts';
import { startNats } from '../../test/serve/nats.ts';
import { transactions } from '../../test/serve/support.ts';
import type { BenchContext } from '../serve.ts';
import { processorSeconds } from './load.ts';

const messages = 300_000;

export async function benchStream({ detector, folder, report }: BenchContext): Promise<void> {
  const server = await startNats(join(folder, 'nats-stream'));
  const connection = await connect({ servers: server.url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'IN', subjects: ['transactions'], storage: StorageType.File });
  await manager.streams.add({ name: 'OUT', subjects: ['scores', 'scores.dead'], storage: StorageType.File });
  const bodies = transactions(1000, 'bench').map((row) => JSON.stringify(row));
  for (let i = 0; i < messages; i++) {
    connection.publish('transactions', bodies[i % bodies.length] ?? '');
    if (i % 2000 === 0) await connection.flush();
  }
  await connection.flush();
  const stored = async (): Promise<number> => (await manager.streams.info('OUT')).state.messages;
  const words = [
    'stream',
    detector,
    '--nats',
    server.url,
    '--in',
    'transactions',
    '--out',
    'scores',
    '--quiet',
  ];
  const [file = '', ...rest] = [...program, ...words];
  const workers = [0, 1].map(() => spawn(file, rest, { stdio: ['ignore', 'ignore', 'inherit'] }));
  const ended = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  // Both are up and warm before the clock starts.
  while ((await stored()) < 20_000) await sleep(50);
  const pids = [server.pid, ...workers.map(({ pid }) => pid ?? 0)];
  const used = (): number => pids.reduce((sum, pid) => sum + processorSeconds(pid), 0);
  const [from, begun, before] = [await stored(), performance.now(), used()];
  while ((await stored()) < messages) await sleep(50);
  const seconds = (performance.now() - begun) / 1000;
  const cores = (used() - before) / seconds;
  for (const worker of workers) worker.kill('SIGTERM');
  await Promise.all(ended);
  const total = await stored();
  await connection.close();
  await server.stop();
  report('two workers: at least 20,000 messages a second scored and stored', {
    messagesPerSecond: Math.round((messages - from) / seconds),
    // How much of the two cores the workers and the NATS server got.
    cores: Number(cores.toFixed(2)),
    messages,
    stored: total,
  });
}

// One run of a stream under faults, counted message by message: shared by the tests (seconds) and the bench (a minute).
import { type ChildProcess, spawn } from 'node:child_process';
import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import type { TableSet } from '../../src/data/table.ts';
import { load } from '../../src/detect/storage.ts';
import { program } from '../cli/support.ts';
import type { NatsServer } from './nats.ts';
import { tableOf, transactions } from './support.ts';

export interface FaultOptions {
  readonly detector: string;
  readonly servers: readonly NatsServer[];
  readonly messages: number;
  /** Over which they are published. */
  readonly seconds: number;
  readonly workers: number;
  /** SIGKILL of one worker each so many milliseconds, while messages are published. */
  readonly killEvery?: number;
  /** What befalls the servers halfway. */
  readonly accident?: (leader: string) => Promise<void>;
  /** What is mended before the results are counted. */
  readonly mend?: () => Promise<void>;
  /** How long to wait for the last result, in milliseconds. */
  readonly patience: number;
}

export interface FaultReport {
  readonly published: number;
  readonly poison: number;
  readonly kills: number;
  readonly results: number;
  readonly lost: number;
  /** Messages with more than one result in the stream. */
  readonly repeated: number;
  /** Messages with two results that differ. */
  readonly contradicted: number;
  /** Results that are not, bit for bit, what `Detector.score` gives. */
  readonly different: number;
  readonly dead: number;
  /** Exit codes of the workers that were asked to stop. */
  readonly exits: readonly (number | null)[];
  readonly seconds: number;
}

const [input, output] = ['transactions', 'scores'];
/** Every so many messages one is not a transaction. */
const poisonEvery = 500;

export async function runFaults(options: FaultOptions): Promise<FaultReport> {
  const { detector, servers, messages, seconds, workers, killEvery, accident, mend, patience } = options;
  const urls = servers.map(({ url }) => url);
  const begun = performance.now();
  const connection = await connect({ servers: urls, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const stream = (name: string, subjects: string[]) =>
    manager.streams.add({
      name,
      subjects,
      num_replicas: servers.length,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      duplicate_window: 600e9,
    });
  await stream('IN', [input]);
  await stream('OUT', [output, `${output}.dead`]);

  const rows = transactions(messages, 'faults');
  const isPoison = (i: number): boolean => i % poisonEvery === poisonEvery - 1;
  const running = new Map<ChildProcess, Promise<number | null>>();
  let ending = false;
  const startWorker = (): void => {
    const words = ['stream', detector, '--nats', urls.join(), '--in', input, '--out', output];
    const [file = '', ...rest] = [...program, ...words, '--ack-wait', '4', '--quiet'];
    const child = spawn(file, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
    running.set(child, gone);
    gone.then(() => {
      if (!ending) running.delete(child);
    });
  };
  for (let i = 0; i < workers; i++) startWorker();
  let kills = 0;
  const killer =
    killEvery === undefined
      ? undefined
      : setInterval(() => {
          const victims = [...running.keys()];
          const victim = victims[kills % victims.length];
          if (victim?.kill('SIGKILL')) kills++;
          startWorker();
        }, killEvery);

  const client = jetstream(connection);
  const publish = async (i: number): Promise<void> => {
    const head = headers();
    head.set('Nats-Msg-Id', `m${i}`);
    const body = isPoison(i) ? `poison ${i}` : JSON.stringify(rows[i]);
    for (;;) {
      try {
        await client.publish(input, body, { headers: head, timeout: 2000 });
        return;
      } catch {
        await sleep(100);
      }
    }
  };
  let published = 0;
  const steps = Math.ceil(seconds * 10);
  for (let step = 0; step < steps; step++) {
    const until = Math.round(((step + 1) * messages) / steps);
    const sent: Promise<void>[] = [];
    while (published < until) sent.push(publish(published++));
    if (accident !== undefined && step === Math.floor(steps / 2)) {
      const { cluster } = await manager.streams.info('IN');
      await accident(cluster?.leader ?? '');
    }
    await Promise.all(sent);
    await sleep(100);
  }
  clearInterval(killer);

  const stored = async (): Promise<number> =>
    manager.streams.info('OUT').then(
      ({ state }) => state.messages,
      () => 0,
    );
  const end = performance.now() + patience;
  while ((await stored()) < messages && performance.now() < end) await sleep(200);
  // Redeliveries on their way would show as repeated results.
  await sleep(1000);
  ending = true;
  const exits = await Promise.all(
    [...running].map(([child, gone]) => {
      child.kill('SIGTERM');
      return gone;
    }),
  );
  try {
    await mend?.();
    for (let attempt = 0; ; attempt++) {
      try {
        return await count();
      } catch (error) {
        if (attempt === 5) throw error;
        await sleep(1000);
      }
    }
  } finally {
    await connection.close();
  }

  async function count(): Promise<FaultReport> {
    const library = await load<TableSet>(detector, { threads: 1 });
    const { score } = await library.score(tableOf(rows), { terms: false });
    await library.close();
    const [scores, dead] = [new Map<number, number[]>(), new Set<string>()];
    const total = (await manager.streams.info('OUT')).state.messages;
    const consumer = await client.consumers.get('OUT');
    let seen = 0;
    if (total > 0) {
      for await (const message of await consumer.consume({ max_messages: 5000 })) {
        if (message.subject === output) {
          const { id, score: value } = message.json<{ id: string; score: number }>();
          const i = Number(id.slice(1));
          scores.set(i, [...(scores.get(i) ?? []), value]);
        } else dead.add(message.headers?.get('Oddity-Id') ?? '');
        if (++seen >= total) break;
      }
    }
    const lists = [...scores.values()];
    const good = Array.from({ length: messages }, (_, i) => i).filter((i) => !isPoison(i));
    return {
      published: messages,
      poison: messages - good.length,
      kills,
      results: scores.size,
      lost: good.filter((i) => !scores.has(i)).length,
      repeated: lists.filter((list) => list.length > 1).length,
      contradicted: lists.filter((list) => new Set(list).size > 1).length,
      different: [...scores].filter(([i, list]) => list.some((value) => value !== score[i])).length,
      dead: dead.size,
      exits,
      seconds: (performance.now() - begun) / 1000,
    };
  }
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

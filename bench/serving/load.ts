// A load generator as a process of its own: connections that each ask again as soon as they are answered, over plain
// sockets, so that it costs as little of the shared cores as it can. Run by `askFor`.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  readonly body: string;
}

export interface LoadReport {
  readonly requests: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Processor seconds that a process, with all its threads, has used. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Asks for so long, and says how fast it was answered; times in milliseconds. */
export function askFor(load: Load): Promise<LoadReport> {
  const child = fork(fileURLToPath(import.meta.url), ['load'], { execArgv: process.execArgv });
  return new Promise((resolve, reject) => {
    child.once('message', (report) => {
      resolve(report as LoadReport);
      child.disconnect();
    });
    child.once('error', reject);
    child.send(load);
  });
}

async function run({ port, path, connections, seconds, body }: Load): Promise<LoadReport> {
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const warm = performance.now() + 1000;
  const end = warm + 1000 * seconds;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let sent = 0;
      let missing = -1;
      let head = '';
      const send = (): void => {
        sent = performance.now();
        missing = -1;
        head = '';
        socket.write(request);
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.on('data', (chunk: Buffer) => {
        if (missing < 0) {
          head += chunk.toString('latin1');
          const blank = head.indexOf('\r\n\r\n');
          if (blank < 0) return;
          const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
          missing = length - (head.length - blank - 4);
        } else missing -= chunk.length;
        if (missing > 0) return;
        const now = performance.now();
        if (now > warm) {
          times.push(now - sent);
          const status = head.slice(9, 12);
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
        if (now < end) send();
        else socket.end();
      });
    });
  await Promise.all(Array.from({ length: connections }, one));
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { requests: times.length, statuses, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

if (process.argv[2] === 'load') {
  process.once('message', async (load) => process.send?.(await run(load as Load)));
}

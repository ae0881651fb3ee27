// NATS servers of a test's own, on free ports of this machine, each stopped by its process.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** Why tests that need a server cannot run here; undefined where they can. With CI=true they must. */
export const natsMissing: string | undefined = (() => {
  const paths = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  if (paths.some((path) => existsSync(join(path, 'nats-server')))) return undefined;
  if (process.env.CI === 'true') throw new Error('nats-server is not installed; apt-get install nats-server');
  return 'nats-server is not installed; apt-get install nats-server';
})();

export interface NatsServer {
  readonly url: string;
  readonly name: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on its port and its files. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function launch(name: string, port: number, words: readonly string[]): NatsServer {
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  return {
    name,
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return child?.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async start() {
      const path = [process.env.PATH, '/usr/sbin'].join(delimiter);
      child = spawn('nats-server', words, { stdio: 'ignore', env: { ...process.env, PATH: path } });
    },
  };
}

/** One server with JetStream, its files under `folder`; resolves when it answers. */
export async function startNats(folder: string): Promise<NatsServer> {
  const port = await freePort();
  const server = launch('alone', port, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]);
  await server.start();
  await untilReady(server.url);
  return server;
}

/** Three servers of one cluster; resolves when they have chosen a leader. */
export async function startCluster(folder: string): Promise<readonly NatsServer[]> {
  const names = ['a', 'b', 'c'];
  const ports = await Promise.all([...names, ...names].map(freePort));
  const routes = ports.slice(3).map((port) => `nats://127.0.0.1:${port}`);
  const servers = names.map((name, i) =>
    launch(name, ports[i]!, [
      ...['-a', '127.0.0.1', '-p', String(ports[i]), '-js', '-sd', join(folder, name), '-n', name],
      ...['--cluster_name', 'oddity', '--cluster', routes[i]!, '--routes', routes.join()],
    ]),
  );
  for (const server of servers) await server.start();
  await untilReady(servers.map(({ url }) => url).join());
  return servers;
}

async function untilReady(urls: string): Promise<void> {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      const connection = await connect({ servers: urls.split(','), timeout: 1000, reconnect: false });
      try {
        await (await jetstreamManager(connection, { timeout: 1000 })).getAccountInfo();
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

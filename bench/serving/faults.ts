// The three faults, counted message by message: a minute of killed workers, a restarted server, a killed leader.
import { join } from 'node:path';
import { type FaultOptions, runFaults } from '../../test/serve/faults.ts';
import { type NatsServer, startCluster, startNats } from '../../test/serve/nats.ts';
import type { BenchContext } from '../serve.ts';

export async function benchFaults({ detector, folder, seconds = 60, report }: BenchContext): Promise<void> {
  const shared = { detector, seconds, messages: 500 * seconds, workers: 3, patience: 120_000 };
  const run = async (
    bar: string,
    servers: readonly NatsServer[],
    options: Partial<FaultOptions>,
  ): Promise<void> => {
    try {
      report(bar, await runFaults({ ...shared, servers, ...options }));
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  };
  const [first] = [await startNats(join(folder, 'nats-kills'))];
  await run('SIGKILL of a worker every second: none lost, none with two results', [first], {
    killEvery: 1000,
  });
  const second = await startNats(join(folder, 'nats-restart'));
  await run('restart of the NATS server: none lost, none with two results', [second], {
    accident: async () => {
      await second.kill();
      await second.start();
    },
  });
  const cluster = await startCluster(join(folder, 'nats-cluster'));
  let killed: NatsServer | undefined;
  await run('the leader of three servers killed: none lost, none with two results', cluster, {
    accident: async (leader) => {
      killed = cluster.find(({ name }) => name === leader);
      await killed?.kill();
    },
    mend: async () => killed?.start(),
  });
}

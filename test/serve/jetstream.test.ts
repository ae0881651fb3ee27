// Streams under faults: workers killed, a server restarted, the leader of a cluster killed. No message is lost.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type FaultReport, runFaults } from './faults.ts';
import { type NatsServer, natsMissing, startCluster, startNats } from './nats.ts';
import { remove, saveTransactions, scratch } from './support.ts';

describe('JetStream', { skip: natsMissing ?? false }, () => {
  const folder = scratch();
  const detector = join(folder, 'transactions');
  let servers: readonly NatsServer[] = [];
  before(() => saveTransactions(detector));
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    remove(folder);
  });

  const isComplete = (report: FaultReport): void => {
    const { lost, repeated, contradicted, different, dead, poison, results, published } = report;
    const summary = JSON.stringify(report);
    assert.deepEqual(
      { lost, repeated, contradicted, different },
      { lost: 0, repeated: 0, contradicted: 0, different: 0 },
      summary,
    );
    assert.equal(dead, poison, summary);
    assert.equal(results, published - poison, summary);
    assert.ok(
      report.exits.every((code) => code === 0),
      `workers drain and end well: ${summary}`,
    );
  };

  test('workers are killed and the server restarts: every message has one result', {
    timeout: 90_000,
  }, async () => {
    servers = [await startNats(join(folder, 'alone'))];
    const [server] = servers;
    const accident = async (): Promise<void> => {
      await server?.kill();
      await server?.start();
    };
    const report = await runFaults({
      detector,
      servers,
      messages: 3000,
      seconds: 8,
      workers: 2,
      killEvery: 4000,
      accident,
      patience: 40_000,
    });
    assert.ok(report.kills > 0);
    isComplete(report);
    await server?.stop();
  });

  test('the leader of three servers is killed mid-stream', { timeout: 90_000 }, async () => {
    servers = await startCluster(join(folder, 'cluster'));
    let killed: NatsServer | undefined;
    const accident = async (leader: string): Promise<void> => {
      killed = servers.find(({ name }) => name === leader);
      await killed?.kill();
    };
    const mend = async (): Promise<void> => killed?.start();
    isComplete(
      await runFaults({
        detector,
        servers,
        messages: 3000,
        seconds: 6,
        workers: 2,
        accident,
        mend,
        patience: 40_000,
      }),
    );
  });
});

// `oddity stream`: messages scored as they come, from NATS JetStream or from lines on standard input.
import { basename, resolve } from 'node:path';
import { OddityError } from '../../errors.ts';
import type { Broker } from '../../serve/stream/broker.ts';
import { defineCommand } from '../command.ts';
import { count, countUpTo, rate } from '../flags.ts';
import { addScorerFlags, type ScorerFlags, scorerOptionsOf } from '../serving/flags.ts';

interface Flags extends ScorerFlags {
  readonly stdin?: true;
  readonly nats?: string;
  readonly in?: string;
  readonly out?: string;
  readonly dead?: string;
  readonly group?: string;
  readonly replicas?: number;
  readonly ackWait?: number;
  readonly maxPending?: number;
  readonly id?: string;
  readonly falseAlarmRate?: number;
}

export const stream = defineCommand<Flags>({
  usage: 'stream <detector>',
  summary: 'score messages of a NATS stream, or lines of standard input',
  arguments: { detector: 'folder that train wrote' },
  examples: [
    'stream runs/transactions --stdin < transactions.jsonl > scores.jsonl',
    'stream runs/transactions --nats nats://127.0.0.1:4222 --in transactions --out scores',
  ],
  flags(command) {
    command
      .option('--stdin', 'JSON lines in, JSON lines out')
      .option('--nats <servers>', 'addresses of NATS servers with JetStream, comma-separated')
      .option('--in <subject>', 'subject that messages come from')
      .option('--out <subject>', 'subject that results go to')
      .option('--dead <subject>', 'subject for messages that cannot be scored (default: <out>.dead)')
      .option('--group <name>', "consumer that workers share (default: oddity-<detector's name>)")
      .option('--replicas <count>', 'copies of the streams that are made here (default: 1)', countUpTo(5))
      .option('--ack-wait <seconds>', 'until a message goes to another worker (default: 30)', countUpTo(3600))
      .option('--max-pending <messages>', 'messages under way in all workers (default: 8192)', count)
      .option('--id <field>', 'a field of each record that is no column but comes back with its result')
      .option('--false-alarm-rate <rate>', "for the verdict (default: the detector's)", rate);
    return addScorerFlags(command);
  },
  async run(context, flags, folder = '') {
    const name = basename(resolve(folder));
    const open = brokerOf(flags, name, context.note);
    const [{ openRegistry }, { createMetrics }, { runStream }, { watchDrift }] = await Promise.all([
      import('../../serve/registry.ts'),
      import('../../serve/metrics.ts'),
      import('../../serve/stream/run-stream.ts'),
      import('../../serve/drift/report-drift.ts'),
    ]);
    const metrics = createMetrics();
    const registry = await openRegistry(
      { [name]: folder },
      { ...scorerOptionsOf(flags), metrics, onNotice: context.note },
    );
    const drift = watchDrift(registry, metrics, context.note);
    let broker: Broker | undefined;
    try {
      registry.get(name).detector.threshold(flags.falseAlarmRate);
      broker = await open();
      const { stop } = broker;
      if (context.signal.aborted) stop();
      else context.signal.addEventListener('abort', stop, { once: true });
      if (flags.stdin === undefined) context.note(`scoring ${flags.in} into ${flags.out} with ${name}`);
      const counts = await runStream({
        broker,
        active: () => registry.get(name),
        ...(flags.id === undefined ? {} : { idField: flags.id }),
        ...(flags.falseAlarmRate === undefined ? {} : { falseAlarmRate: flags.falseAlarmRate }),
        onScores: (active, rows, pValues) => active.drift.observe(rows, pValues),
      });
      const number = (value: number): string => value.toLocaleString('en-US');
      context.note(
        `${number(counts.messages)} messages, ${number(counts.anomalies)} anomalies, ${number(counts.refused)} refused`,
      );
    } finally {
      drift.stop();
      await broker?.close();
      await registry.close();
    }
  },
});

/** How the broker that the flags ask for is opened. Throws BAD_USAGE where they ask for none, or for two. */
function brokerOf(flags: Flags, name: string, onNotice: (text: string) => void): () => Promise<Broker> {
  const { stdin, nats, in: input, out: output, dead, group, replicas, ackWait, maxPending } = flags;
  if (stdin !== undefined) {
    if (nats !== undefined)
      throw new OddityError('BAD_USAGE', 'expected --stdin or --nats, got both; choose one');
    return async () => {
      const { createLinesBroker } = await import('../../serve/stream/lines.ts');
      return createLinesBroker(process.stdin, process.stdout);
    };
  }
  if (nats === undefined || input === undefined || output === undefined) {
    throw new OddityError(
      'BAD_USAGE',
      'expected --stdin, or --nats with --in and --out, got neither; say where messages come from',
    );
  }
  const bad = [input, output, ...(dead === undefined ? [] : [dead])].find(
    (each) => !/^[\w-]+(\.[\w-]+)*$/.test(each),
  );
  if (bad !== undefined || input === output) {
    throw new OddityError('BAD_USAGE', `expected two different plain subjects, got '${bad ?? input}'`);
  }
  return async () => {
    const { connectJetStream } = await import('../../serve/stream/jetstream.ts');
    return connectJetStream({
      servers: nats,
      input,
      output,
      group: group ?? `oddity-${name.replace(/[^\w-]/g, '_')}`,
      onNotice,
      ...(dead === undefined ? {} : { dead }),
      ...(replicas === undefined ? {} : { replicas }),
      ...(ackWait === undefined ? {} : { ackWait }),
      ...(maxPending === undefined ? {} : { maxPending }),
    });
  };
}

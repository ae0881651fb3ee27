// NATS JetStream as a broker: workers of one durable consumer, at least once, made effectively once by message ids:
// a result is stored under its message's id before the message is acknowledged, and the server drops a second one.
// The NATS packages are loaded only by `connectJetStream`.
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { OddityError } from '../../errors.ts';
import type { Broker, Delivery, Outcome } from './broker.ts';
import { createPublisher } from './publisher.ts';

export interface JetStreamOptions {
  /** Addresses, separated by commas. */
  readonly servers: string;
  /** Subjects that messages come from and results go to. */
  readonly input: string;
  readonly output: string;
  /** Where messages that cannot be scored go, with the reason in a header; `<output>.dead` unless given. */
  readonly dead?: string;
  /** Name of the durable consumer that workers share. */
  readonly group: string;
  /** Copies of the streams that are made here; 1 unless given. */
  readonly replicas?: number;
  /** Seconds after which a message without an answer is given to another worker; 30 unless given. */
  readonly ackWait?: number;
  /** Messages under way in all workers together; 8,192 unless given. */
  readonly maxPending?: number;
  readonly onNotice?: (text: string) => void;
}

/** Most messages of one list. */
const mostTogether = 512;
const nanoseconds = 1e9;
/** How long the server remembers ids of results, in seconds: longer than any outage with a redelivery after it. */
const duplicateWindow = 600;

type Receipt = Delivery & { readonly message: JsMsg };

/** Connects, and makes the streams and the consumer where there are none. Throws BUSY where no server answers. */
export async function connectJetStream(options: JetStreamOptions): Promise<Broker> {
  const { servers, input, output, group, replicas = 1, ackWait = 30, maxPending = 8192 } = options;
  const { dead = `${output}.dead`, onNotice = () => {} } = options;
  const [{ connect }, { jetstream, jetstreamManager, AckPolicy, RetentionPolicy }] = await load();
  const connection = await connect({
    servers: servers.split(',').map((each) => each.trim()),
    name: `oddity ${group}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    timeout: 5000,
  }).catch((cause: Error) => {
    throw new OddityError(
      'BUSY',
      `expected a NATS server at ${servers}, got ${cause.message}; start it or correct --nats`,
      { cause },
    );
  });
  try {
    const manager = await withPatience(() => jetstreamManager(connection, { timeout: 10_000 }));
    const streamOf = async (subject: string, subjects: string[]): Promise<string> => {
      const found = await manager.streams.find(subject).catch((error: Error) => {
        if (isSlow(error)) throw error;
        return undefined;
      });
      if (found !== undefined) return found;
      const name = `ODDITY_${subject.replace(/[^A-Za-z0-9]/g, '_')}`;
      const made = await manager.streams.add({
        name,
        subjects,
        num_replicas: replicas,
        retention: RetentionPolicy.Limits,
        duplicate_window: duplicateWindow * nanoseconds,
      });
      return made.config.name;
    };
    const source = await withPatience(() => streamOf(input, [input]));
    await withPatience(() => streamOf(output, [output, dead]));
    await withPatience(() =>
      manager.consumers.add(source, {
        durable_name: group,
        filter_subject: input,
        ack_policy: AckPolicy.Explicit,
        ack_wait: ackWait * nanoseconds,
        max_ack_pending: maxPending,
        max_deliver: -1,
      }),
    );
    const consumer = await withPatience(() => jetstream(connection).consumers.get(source, group));
    return await openBroker(connection, consumer, source, { output, dead, maxPending, onNotice });
  } catch (cause) {
    await connection.close();
    if (cause instanceof OddityError) throw cause;
    throw new OddityError(
      'BUSY',
      `expected JetStream at ${servers}, got ${(cause as Error).message}; start the server with -js`,
      { cause },
    );
  }
}

const isSlow = ({ message }: Error): boolean => /timeout|no leader|unavailable/i.test(message);

/** A cluster that is electing a leader answers late: it is asked again for a minute. */
async function withPatience<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isSlow(error as Error) || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function load() {
  try {
    return await Promise.all([import('@nats-io/transport-node'), import('@nats-io/jetstream')]);
  } catch (cause) {
    throw new OddityError(
      'UNSUPPORTED',
      'expected the packages @nats-io/transport-node and @nats-io/jetstream, got none; npm install them',
      { cause },
    );
  }
}

type Consumer = Awaited<
  ReturnType<ReturnType<typeof import('@nats-io/jetstream').jetstream>['consumers']['get']>
>;

async function openBroker(
  connection: NatsConnection,
  consumer: Consumer,
  source: string,
  options: Required<Pick<JetStreamOptions, 'output' | 'dead' | 'maxPending' | 'onNotice'>>,
): Promise<Broker> {
  const { output, dead, maxPending, onNotice } = options;
  const { headers } = await import('@nats-io/transport-node');
  const publisher = createPublisher(connection);
  const list: Receipt[] = [];
  let stopped = false;
  let wake: () => void = () => {};
  const take = (message: JsMsg): void => {
    const given = message.headers?.get('Nats-Msg-Id');
    list.push({
      id: given === undefined || given === '' ? `${source}:${message.seq}` : given,
      body: message.string(),
      deliveries: message.info.deliveryCount,
      message,
    });
    wake();
  };
  const messages = await consumer.consume({
    callback: take,
    max_messages: Math.min(2048, maxPending),
    expires: 10_000,
    idle_heartbeat: 2000,
  });
  (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') onNotice('the NATS server is out of reach; waiting for it');
      if (type === 'reconnect') onNotice('the NATS server is back');
    }
  })().catch(() => {});
  const store = async ({ delivery, result, refusal }: Outcome): Promise<void> => {
    const head = headers();
    if (result !== undefined) {
      head.set('Nats-Msg-Id', delivery.id);
      await publisher.publish(output, result, head);
    } else {
      head.set('Nats-Msg-Id', `dead:${delivery.id}`);
      head.set('Oddity-Id', delivery.id);
      head.set('Oddity-Reason', (refusal ?? 'no result').replace(/[^\x20-\x7e]/g, '?'));
      await publisher.publish(dead, delivery.body, head);
    }
    (delivery as Receipt).message.ack();
  };
  return {
    async *receive() {
      for (;;) {
        if (list.length > 0) {
          const taken = list.splice(0, mostTogether);
          yield taken;
          continue;
        }
        if (stopped) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        // Messages that came in one piece go on together.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async settle(outcomes) {
      await Promise.all(outcomes.map(store));
    },
    stop() {
      stopped = true;
      messages.stop();
      wake();
    },
    async close() {
      stopped = true;
      wake();
      publisher.close();
      // Sends the last acknowledgements; a server that is away does not keep us.
      await Promise.race([connection.drain(), new Promise((resolve) => setTimeout(resolve, 5000))]).catch(
        () => {},
      );
      await connection.close();
    },
  };
}

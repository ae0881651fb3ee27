// Publishing into a stream and knowing that it is stored: one inbox for every answer, one timer for every wait.
// The client library's own `js.publish` keeps a timer and a subscription entry for each message.
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';

export interface Publisher {
  /** Resolves when the stream has stored it; tried again, through outages, until it has. Needs a message id. */
  publish(subject: string, body: string, headers: MsgHdrs): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly subject: string;
  readonly body: string;
  readonly headers: MsgHdrs;
  sentAt: number;
  resolve(): void;
  reject(error: Error): void;
}

/** After so long without an answer a message is sent again; the stream drops it if it has it. */
const retryMilliseconds = 3000;

export function createPublisher(connection: NatsConnection): Publisher {
  const inbox = `_INBOX.oddity.${crypto.randomUUID()}`;
  const waiting = new Map<string, Waiting>();
  let next = 0;
  const send = (token: string, { subject, body, headers }: Waiting): void => {
    try {
      connection.publish(subject, body, { headers, reply: `${inbox}.${token}` });
    } catch {
      // Not connected: the timer tries again.
    }
  };
  const receive = (message: Msg): void => {
    const token = message.subject.slice(inbox.length + 1);
    const entry = waiting.get(token);
    if (entry === undefined) return;
    // No headers and no error: stored, or there before. A status header means that no stream listens yet.
    const failed = message.data.length === 0 || message.string().includes('"error"');
    if (failed) {
      entry.sentAt = performance.now() - retryMilliseconds + 250;
      return;
    }
    waiting.delete(token);
    entry.resolve();
  };
  const subscription = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error === null) receive(message);
    },
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [token, entry] of waiting) {
      if (now - entry.sentAt < retryMilliseconds) continue;
      entry.sentAt = now;
      send(token, entry);
    }
  }, 250);
  return {
    publish(subject, body, headers) {
      return new Promise((resolve, reject) => {
        const entry: Waiting = { subject, body, headers, sentAt: performance.now(), resolve, reject };
        const token = (next++).toString(36);
        waiting.set(token, entry);
        send(token, entry);
      });
    },
    close() {
      clearInterval(timer);
      subscription.unsubscribe();
      for (const entry of waiting.values()) entry.reject(new Error('closed before it was stored'));
      waiting.clear();
    },
  };
}

// JSON lines in, JSON lines out, one for one and in order: the broker that needs no server.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Broker, Delivery, Outcome } from './broker.ts';

const mostLines = 1024;

/** Empty lines are passed over. A line that cannot be scored comes out as `{"id": line, "error": reason}`. */
export function createLinesBroker(input: Readable, output: Writable): Broker {
  let stopped = false;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let list: Delivery[] = [];
  let number = 0;
  let ended = false;
  let wake: () => void = () => {};
  lines.on('line', (body) => {
    number++;
    if (stopped || body.trim() === '') return;
    list.push({ id: String(number), body, deliveries: 1 });
    if (list.length >= mostLines) lines.pause();
    wake();
  });
  lines.on('close', () => {
    ended = true;
    wake();
  });
  return {
    async *receive() {
      for (;;) {
        if (list.length === 0) {
          if (ended) return;
          lines.resume();
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          // Lines that came in one piece go on together.
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        const taken = list;
        list = [];
        yield taken;
      }
    },
    async settle(outcomes) {
      const text = outcomes.map(lineOf).join('');
      if (!output.write(text)) await once(output, 'drain');
    },
    stop() {
      stopped = true;
      lines.close();
      input.destroy();
    },
    async close() {
      lines.close();
    },
  };
}

function lineOf({ delivery, result, refusal }: Outcome): string {
  if (result !== undefined) return `${result}\n`;
  return `${JSON.stringify({ id: delivery.id, error: refusal ?? 'no result' })}\n`;
}

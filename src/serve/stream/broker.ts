// Where messages come from and results go: JetStream (jetstream.ts) or lines of text (lines.ts). What scores them
// (run-stream.ts) knows only this.

/** A message, delivered for the first time or again. */
export interface Delivery {
  /** The same for every delivery of one message; what makes results effectively once. */
  readonly id: string;
  readonly body: string;
  /** How often the message was delivered, this time included. */
  readonly deliveries: number;
}

export interface Outcome {
  readonly delivery: Delivery;
  /** The result as JSON, or the reason why there is none. */
  readonly result?: string;
  readonly refusal?: string;
}

export interface Broker {
  /** Messages as they come, in lists; ends when there are no more, or after `stop`. */
  receive(): AsyncIterable<readonly Delivery[]>;
  /** Stores the outcomes, each once, then acknowledges their messages; called in the order of `receive`. */
  settle(outcomes: readonly Outcome[]): Promise<void>;
  /** Takes no new messages; those that are here already are still delivered. */
  stop(): void;
  close(): Promise<void>;
}

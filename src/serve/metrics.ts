// The numbers of a server, as Prometheus reads them.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DriftReport } from './drift/monitor.ts';

export interface Metrics {
  readonly contentType: string;
  /** One answered request. */
  countRequest(route: string, status: number, seconds: number): void;
  /** Rows that ran at once. */
  countBatch(detector: string, rows: number): void;
  countScores(detector: string, pValues: Float32Array, alarms: number): void;
  countReload(detector: string, outcome: 'loaded' | 'refused'): void;
  setWaiting(detector: string, rows: number): void;
  setDrift(detector: string, report: DriftReport): void;
  /** The text of `GET /metrics`. */
  render(): Promise<string>;
}

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'oddity_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['route', 'status'] as const,
    registers,
  });
  const latency = new Histogram({
    name: 'oddity_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['route'] as const,
    buckets: seconds,
    registers,
  });
  const batches = new Histogram({
    name: 'oddity_batch_rows',
    help: 'Rows that ran at once.',
    labelNames: ['detector'] as const,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    registers,
  });
  const pValues = new Histogram({
    name: 'oddity_p_value',
    help: 'Distribution of the scores, as conformal p-values: uniform where traffic is like the training.',
    labelNames: ['detector'] as const,
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    registers,
  });
  const named = <Labels extends string>(name: string, help: string, ...labelNames: Labels[]) => ({
    name,
    help,
    labelNames,
    registers,
  });
  const rows = new Counter(named('oddity_rows_total', 'Rows scored.', 'detector'));
  const alarms = new Counter(named('oddity_alarms_total', 'Rows that were alarms.', 'detector'));
  const reloads = new Counter(named('oddity_reloads_total', 'New versions met.', 'detector', 'outcome'));
  const waiting = new Gauge(named('oddity_waiting_rows', 'Rows that wait for a worker.', 'detector'));
  const distance = new Gauge(
    named(
      'oddity_drift_distance',
      'Kolmogorov-Smirnov distance of live p-values from uniform ones.',
      'detector',
    ),
  );
  const index = new Gauge(
    named(
      'oddity_drift_stability_index',
      "Population stability index of a column's live values.",
      'detector',
      'column',
    ),
  );
  const warnings = new Gauge(named('oddity_drift_warnings', 'Things that have moved.', 'detector'));
  return {
    contentType: registry.contentType,
    countRequest(route, status, elapsed) {
      requests.inc({ route, status });
      latency.observe({ route }, elapsed);
    },
    countBatch: (detector, count) => batches.observe({ detector }, count),
    countScores(detector, values, count) {
      rows.inc({ detector }, values.length);
      if (count > 0) alarms.inc({ detector }, count);
      // Enough of a large request to know its distribution.
      const step = Math.max(1, Math.floor(values.length / 4));
      for (let row = 0; row < values.length; row += step) pValues.observe({ detector }, values[row] ?? 1);
    },
    countReload: (detector, outcome) => reloads.inc({ detector, outcome }),
    setWaiting: (detector, count) => waiting.set({ detector }, count),
    setDrift(detector, report) {
      distance.set({ detector }, report.distance);
      warnings.set({ detector }, report.warnings.length);
      for (const { name, stabilityIndex } of report.columns) {
        index.set({ detector, column: name }, stabilityIndex);
      }
    },
    render: () => registry.metrics(),
  };
}

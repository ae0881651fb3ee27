// Drift said aloud: gauges every time, a warning when what has moved changes.
import type { Metrics } from '../metrics.ts';
import type { Registry } from '../registry.ts';

/** Looks at every detector's drift each few seconds until it is stopped. */
export function watchDrift(
  registry: Registry,
  metrics: Metrics,
  onNotice: (text: string) => void,
): { stop(): void } {
  /** What was last said of each version, so that it is said once. */
  const told = new WeakMap<object, string>();
  const look = (): void => {
    for (const name of registry.names) {
      const { drift } = registry.get(name);
      const report = drift.report();
      metrics.setDrift(name, report);
      const text = report.warnings.map((warning) => warning.replace(/ \(.*/, '')).join('; ');
      if (text !== '' && text !== told.get(drift)) {
        onNotice(`${name}: live traffic has drifted: ${report.warnings.join('; ')}`);
      }
      told.set(drift, text);
    }
  };
  const timer = setInterval(look, 5000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

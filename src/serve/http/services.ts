// What routes work with.
import type { Metrics } from '../metrics.ts';
import type { Registry } from '../registry.ts';
import type { Traffic } from '../traffic.ts';

export interface Services {
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly traffic: Traffic;
  readonly limits: { readonly maxRows: number; readonly maxPixels: number };
  readonly serverVersion: string;
  readonly onNotice: (text: string) => void;
}

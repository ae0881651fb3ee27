// The table of domain benches. A new one is a file in this folder and its row here.
import { adbench } from './adbench.ts';
import type { DomainBench } from './domain.ts';
import { fraud } from './fraud.ts';
import { fraudStream } from './fraud-stream.ts';
import { intrusion } from './intrusion.ts';
import { maintenance } from './maintenance.ts';
import { xray } from './xray.ts';

export const domainBenches = {
  fraud,
  'fraud-stream': fraudStream,
  intrusion,
  xray,
  maintenance,
  adbench,
} satisfies Record<string, DomainBench>;
export type DomainName = keyof typeof domainBenches;

// The table of commands, in the order in which `oddity --help` lists them.
import type { CommandEntry } from './command.ts';
import { bench } from './commands/bench.ts';
import { compare } from './commands/compare.ts';
import { demo } from './commands/demo.ts';
import { drift } from './commands/drift.ts';
import { evaluate } from './commands/evaluate.ts';
import { explain } from './commands/explain.ts';
import { explore } from './commands/explore.ts';
import { generate } from './commands/generate.ts';
import { inspect } from './commands/inspect.ts';
import { reconstruct } from './commands/reconstruct.ts';
import { report } from './commands/report.ts';
import { score } from './commands/score.ts';
import { serve } from './commands/serve.ts';
import { simulate } from './commands/simulate.ts';
import { stream } from './commands/stream.ts';
import { train } from './commands/train.ts';

export const commands: readonly CommandEntry[] = [
  demo,
  explore,
  train,
  evaluate,
  score,
  explain,
  serve,
  stream,
  drift,
  generate,
  reconstruct,
  inspect,
  bench,
  compare,
  report,
  simulate,
];

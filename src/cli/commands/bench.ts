// `oddity bench`: a published protocol run in full, beside the published numbers.

import { resolveClass } from '../../data/select.ts';
import { OddityError } from '../../errors.ts';
import { type DomainName, domainBenches } from '../../evaluate/domains/index.ts';
import type { ProtocolName } from '../../evaluate/protocols.ts';
import { protocols, runProtocol } from '../../evaluate/protocols.ts';
import { formatDuration } from '../../report/format.ts';
import { defineCommand } from '../command.ts';
import { openData } from '../data.ts';
import { addSessionFlags, count, list, rate, sessionOf } from '../flags.ts';
import { describeProtocol } from '../measuring/bench-table.ts';
import { type DomainFlags, describeDomain, runDomainBench } from '../measuring/domain-bench.ts';
import { describeStacked, runStackedBench } from '../measuring/stacked-bench.ts';
import { checkOutputFile, writeOutputFile } from '../output-file.ts';
import { addTrainingFlags, choicesOf } from '../training/flags.ts';

interface Flags extends DomainFlags {
  readonly out?: string;
}

const stackedName = 'mnist-stacked';
const names = [...Object.keys(protocols), stackedName, ...Object.keys(domainBenches)];

export const bench = defineCommand<Flags>({
  usage: 'bench <protocol>',
  summary: 'run a published comparison beside the published numbers',
  arguments: { protocol: names.join(', ') },
  examples: [
    'bench mnist-one-class',
    'bench fashion-one-class --seeds 3 --out results.json',
    'bench mnist-leave-one-out --classes 8,2 --members 3',
    'bench mnist-stacked --model dcgan --option objective=relativistic',
    'bench fraud --seeds 3',
    'bench adbench --promise',
  ],
  flags(command) {
    command
      .option('--seeds <count>', 'runs of each class, from seeds 0, 1, ... (default: 1)', count, 1)
      .option(
        '--classes <classes>',
        'only these classes, or sets of a bench of several, comma-separated',
        list,
      )
      .option(
        '--promise',
        'hold the false-alarm rate asked for against fresh normal rows (benches of tables)',
      )
      .option('--false-alarm-rate <rate>', 'the rate for --promise (default: 0.01)', rate)
      .option('--out <file>', 'write the results as JSON too');
    return addSessionFlags(addTrainingFlags(command));
  },
  async run(context, flags, name = '') {
    const { seeds, out } = flags;
    if (name === stackedName) {
      if (flags.classes !== undefined) {
        throw new OddityError('BAD_USAGE', `${stackedName} uses all classes; leave --classes out`);
      }
      if (out !== undefined) await checkOutputFile(out);
      const result = await runStackedBench(context, flags);
      if (out !== undefined) await writeOutputFile(out, `${JSON.stringify(result, null, 2)}\n`);
      context.print(result, () => describeStacked(result));
      return;
    }
    if (Object.hasOwn(domainBenches, name)) {
      if (out !== undefined) await checkOutputFile(out);
      const result = await runDomainBench(context, name as DomainName, flags);
      if (out !== undefined) await writeOutputFile(out, `${JSON.stringify(result, null, 2)}\n`);
      context.print(result, () => describeDomain(result));
      return;
    }
    if (!Object.hasOwn(protocols, name)) {
      throw new OddityError(
        'BAD_USAGE',
        `expected a protocol (${names.join(', ')}), got '${name}'; check the spelling`,
      );
    }
    const protocol = name as ProtocolName;
    const choices = choicesOf(flags);
    if (out !== undefined) await checkOutputFile(out);
    const dataset = await openData(context, protocols[protocol].dataset);
    const classes = flags.classes?.map((each) => resolveClass(dataset, each));
    const progress = context.progress();
    const run = runProtocol(protocol, dataset, {
      seeds,
      choices,
      session: sessionOf(flags),
      signal: context.signal,
      ...(classes === undefined ? {} : { classes: [...new Set(classes)] }),
    });
    try {
      for (;;) {
        const next = await run.next();
        if (next.done) {
          progress.stop();
          if (out !== undefined) await writeOutputFile(out, `${JSON.stringify(next.value, null, 2)}\n`);
          context.print(next.value, () => describeProtocol(next.value));
          return;
        }
        const record = next.value;
        const cell = record.kind === 'cell' ? record.cell : record;
        const which = `class ${dataset.classNames[cell.class] ?? cell.class}${seeds > 1 ? `, seed ${cell.seed}` : ''}`;
        if (record.kind === 'progress') progress.update(record.progress, which);
        else {
          const { metrics, seconds } = record.cell;
          progress.stop();
          context.note(`${which}  AUROC ${(100 * metrics.auroc).toFixed(2)}  ${formatDuration(seconds)}`);
        }
      }
    } finally {
      progress.stop();
    }
  },
});

// The commander program: global flags, the table of commands, and how any failure becomes one line and a code.
import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { OddityError } from '../errors.ts';
import { pointToHelp } from './command.ts';
import { commands } from './commands.ts';
import { createContext, type GlobalFlags, type Streams } from './context.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { version } from './version.ts';

const footer = `
Data is mnist, fashion-mnist, digits (built in), or a path: a table (CSV, TSV, JSON lines, Parquet, npz; a folder or a
'pattern*' of them), an IDX file of images or a folder of such files.
Commands have help of their own: oddity train --help

First steps:
  oddity demo
  oddity train mnist --anomaly 4 --out runs/no-four
  oddity evaluate runs/no-four mnist
  oddity train transactions.csv --label Class --out runs/fraud
  oddity score runs/fraud new.csv --out scored.csv`;

/** Runs the command line; resolves to the exit code. Prints every failure as one line on stderr. */
export async function runCli(
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const program = createProgram(signal, streams);
  try {
    if (argv.length === 0) streams.stdout.write(program.helpInformation() + footer.concat('\n'));
    else await program.parseAsync(helpLast(argv), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return report(error, argv.includes('--debug'), streams);
  }
}

/** `oddity help train` is `oddity train --help`. */
function helpLast(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
}

function createProgram(signal: AbortSignal, streams: Streams): Command {
  const program = new Command('oddity')
    .description('Learns what normal looks like in images or tables, and flags the rest.')
    .option('--data-dir <folder>', 'where data sets lie, looked in first')
    .option('--offline', 'never touch the network')
    .option('--json', 'print one JSON object on stdout, all else on stderr')
    .option('--quiet', 'no progress, no notices')
    .option('--debug', 'show where an error came from')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => `${command.name()}${command.usage().replace('[options]', '')}`,
      optionDescription: ({ description }) => description,
    })
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      outputError: () => {},
    })
    .showSuggestionAfterError()
    .addHelpText('after', footer)
    .exitOverride((error) => {
      throw pointToHelp(error, 'oddity --help');
    });
  for (const command of commands) {
    command.addTo(program, () => createContext(program.opts<GlobalFlags>(), signal, streams));
  }
  return program;
}

function report(error: unknown, debug: boolean, { stderr }: Streams): number {
  const code = error instanceof CommanderError ? exitCodes.BAD_USAGE : exitCodeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const message = text.replace(/\s*\n\s*/g, ' ').trim();
  if (error instanceof CommanderError || error instanceof OddityError) {
    stderr.write(`oddity: ${message}\n`);
  } else {
    stderr.write(`oddity: unexpected ${message}; this is a bug, --debug shows where\n`);
  }
  if (debug) stderr.write(`${inspect(error)}\n`);
  return code;
}

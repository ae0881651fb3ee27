// What a command is: its usage, its flags, and what it does in a context.
// Apart from the table so that commands and table do not import each other.
import { type Command, CommanderError } from 'commander';
import type { Context } from './context.ts';

/** A row of the table of commands; `Flags` are its own flags as commander names them. */
export interface CommandSpec<Flags> {
  /** Name and arguments, such as `train <data>`. */
  readonly usage: string;
  readonly summary: string;
  /** What each argument means, by name. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** Command lines without the leading `oddity`. */
  readonly examples: readonly string[];
  flags(command: Command): Command;
  run(context: Context, flags: Flags, ...args: string[]): Promise<void>;
}

/** A command whose flags' type is its own business. */
export interface CommandEntry {
  /** Adds the command to `program`; `open` makes the context in which it runs. */
  addTo(program: Command, open: () => Context): void;
}

export function defineCommand<Flags>(spec: CommandSpec<Flags>): CommandEntry {
  return {
    addTo(program, open) {
      const [name = '', ...argumentNames] = spec.usage.split(' ');
      const sentence = `${spec.summary.charAt(0).toUpperCase()}${spec.summary.slice(1)}.`;
      const command = program.command(name).description(sentence).summary(spec.summary);
      command.exitOverride((error) => {
        throw pointToHelp(error, `oddity ${name} --help`);
      });
      for (const argument of argumentNames) {
        command.argument(argument, spec.arguments?.[argument.replace(/[<>[\].]/g, '')]);
      }
      spec.flags(command);
      const examples = spec.examples.map((example) => `  oddity ${example}`).join('\n');
      command.addHelpText('after', `\nExamples:\n${examples}`);
      command.action(() => spec.run(open(), command.opts() as Flags, ...command.args));
    },
  };
}

/** A mistake in the words typed, as one line that ends with where help is. */
export function pointToHelp({ exitCode, code, message }: CommanderError, help: string): CommanderError {
  const text = message
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replace(/\s*\n\s*/g, ' ');
  return new CommanderError(exitCode, code, exitCode === 0 ? text : `${text}; see ${help}`);
}

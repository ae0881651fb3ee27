// What every command gets: the global flags, the interrupt signal, and ways to speak.
import { createProgress, type Progress } from './progress.ts';

export interface GlobalFlags {
  readonly dataDir?: string;
  readonly offline?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly debug?: true;
}

export interface Context {
  readonly flags: GlobalFlags;
  readonly signal: AbortSignal;
  /** The result, once per command, on stdout: `value` as JSON where asked for, else the text. */
  print(value: unknown, text: () => string): void;
  /** A notice on stderr, unless --quiet. */
  note(text: string): void;
  /** A progress bar on stderr, or nothing where there is no terminal or --quiet. */
  progress(): Progress;
}

export function createContext(flags: GlobalFlags, signal: AbortSignal): Context {
  const quiet = flags.quiet === true;
  return {
    flags,
    signal,
    print(value, text) {
      process.stdout.write(`${flags.json ? JSON.stringify(value, null, 2) : text()}\n`);
    },
    note(text) {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
    progress: () => createProgress(process.stderr, quiet),
  };
}

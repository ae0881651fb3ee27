// What every command gets: the global flags, the interrupt signal, and ways to speak.
import type { WriteStream } from 'node:tty';
import { createProgress, type Progress } from './progress.ts';

/** Where a command speaks to: the process's own streams, or a test's. */
export interface Streams {
  readonly stdout: Pick<WriteStream, 'write' | 'isTTY' | 'on' | 'once'>;
  readonly stderr: WriteStream;
}

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
  /** A part of a long result on stdout; waits where the reader is slower. */
  write(text: string): Promise<void>;
  /** A notice on stderr, unless --quiet. */
  note(text: string): void;
  /** A progress bar on stderr, or nothing where there is no terminal or --quiet. */
  progress(): Progress;
}

export function createContext(flags: GlobalFlags, signal: AbortSignal, { stdout, stderr }: Streams): Context {
  const quiet = flags.quiet === true;
  return {
    flags,
    signal,
    print(value, text) {
      stdout.write(`${flags.json ? JSON.stringify(value, null, 2) : text()}\n`);
    },
    async write(text) {
      if (!stdout.write(text)) await new Promise<void>((resolve) => stdout.once('drain', resolve));
    },
    note(text) {
      if (!quiet) stderr.write(`${text}\n`);
    },
    progress: () => createProgress(stderr, quiet),
  };
}

// Ctrl-C, and readers that leave early: how the outside world ends a command.
import { OddityError } from '../errors.ts';
import type { Streams } from './context.ts';
import { exitCodes } from './exit-codes.ts';

/** npm passes Ctrl-C on to a child that has had it from the terminal already: signals this close are one. */
const samePressMilliseconds = 400;

/** A signal that fires at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function watchInterrupts(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    if (controller.signal.aborted) {
      if (performance.now() - first > samePressMilliseconds) process.exit(exitCodes.ABORTED);
      return;
    }
    first = performance.now();
    controller.abort(new OddityError('ABORTED', 'stopped before the end; nothing was written'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return controller.signal;
}

/**
 * `oddity ... | head`: a reader that has seen enough is no error, and nobody reading the notices is none either.
 * A full disk behind stdout is one.
 */
export function endQuietlyWithReader({ stdout, stderr }: Streams): void {
  stderr.on('error', () => {});
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0);
    stderr.write(`oddity: expected to be able to write to standard output, got ${code}\n`);
    process.exit(exitCodes.STORAGE);
  });
}

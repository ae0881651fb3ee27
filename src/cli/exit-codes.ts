// The one table from error codes to exit codes. A code that is missing here fails to compile.
import { type ErrorCode, OddityError } from '../errors.ts';

export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  BAD_USAGE: 2,
  NO_DATA: 3,
  BAD_DATA: 4,
  BAD_DETECTOR: 5,
  UNSUPPORTED: 6,
  DIVERGED: 7,
  STORAGE: 8,
  BUSY: 9,
  TOO_LARGE: 10,
  UNAUTHORIZED: 11,
  /** What shells give for a process that Ctrl-C ended. */
  ABORTED: 130,
};

/** The exit code for anything thrown: 1 for what nobody expected. */
export function exitCodeOf(error: unknown): number {
  return error instanceof OddityError ? exitCodes[error.code] : 1;
}

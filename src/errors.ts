// The one error class that users meet, the shared leaf of every room.
// Apart so that the command line and the server can map `code` to an exit code or a status in one table.

export type ErrorCode =
  | 'BAD_USAGE' // a flag, an option or a call that makes no sense
  | 'BAD_DATA' // a file or an array that is not what it claims to be
  | 'NO_DATA' // data that could not be found or fetched
  | 'BAD_DETECTOR' // a folder that is no detector, or a damaged or newer one
  | 'UNSUPPORTED' // this machine, browser or model cannot do what was asked
  | 'DIVERGED' // training met a number that is not finite
  | 'STORAGE' // a disk that is full, read-only or out of reach
  | 'BUSY' // a server whose queue is full, or a broker out of reach: try again later
  | 'TOO_LARGE' // a request beyond what a server takes at once
  | 'UNAUTHORIZED' // a request without the token it needs
  | 'ABORTED'; // stopped by the user

/**
 * An error whose message is one line: what was expected, what came, and how to mend it.
 * `code` is stable across versions; `data` holds the values the message speaks of.
 */
export class OddityError extends Error {
  override readonly name = 'OddityError';
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { data?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
  }
}

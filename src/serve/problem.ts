// How failures are said over HTTP: RFC 9457 problem details, with a status from the one table below.
import { type ErrorCode, OddityError } from '../errors.ts';

/** The one table from error codes to HTTP statuses. A code that is missing here fails to compile. */
export const statuses: Readonly<Record<ErrorCode, number>> = {
  BAD_USAGE: 400,
  UNAUTHORIZED: 401,
  NO_DATA: 404,
  TOO_LARGE: 413,
  BAD_DATA: 422,
  UNSUPPORTED: 422,
  BAD_DETECTOR: 500,
  DIVERGED: 500,
  STORAGE: 500,
  ABORTED: 503,
  BUSY: 503,
};

/** The body of every answer that is not a success, as application/problem+json. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** One line: what was expected, what came, and how to mend it. */
  readonly detail: string;
  readonly code: string;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  422: 'Unprocessable rows',
  431: 'Headers too large',
  503: 'Busy',
};

export function problemOf(status: number, code: string, detail: string): Problem {
  const flat = detail.replace(/\s+/g, ' ').trim();
  const line = flat.length > 500 ? `${flat.slice(0, 497)}...` : flat;
  const title = titles[status] ?? (status < 500 ? 'Refused' : 'Failed');
  return {
    type: `urn:oddity:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: line,
    code,
  };
}

/** The problem that anything thrown is; what nobody expected is a 500 that keeps its message to itself. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof OddityError) return problemOf(statuses[error.code], error.code, error.message);
  const {
    statusCode = 500,
    code = 'UNEXPECTED',
    message = '',
  } = error as {
    statusCode?: number;
    code?: string;
    message?: string;
  };
  // The framework's own complaints: malformed JSON, schemas, media types, sizes.
  if (statusCode >= 400 && statusCode < 500) {
    return problemOf(statusCode, statusCode === 413 ? 'TOO_LARGE' : 'BAD_USAGE', message);
  }
  return problemOf(
    500,
    'UNEXPECTED',
    `unexpected failure (${code}); this is a bug, the server's log shows where`,
  );
}

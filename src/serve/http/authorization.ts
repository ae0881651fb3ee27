// Bearer tokens, compared in constant time; pages and health are open, since they hold no data.
import { createHash, timingSafeEqual } from 'node:crypto';
import { OddityError } from '../../errors.ts';

const open: ReadonlySet<string> = new Set(['/', '/docs', '/v2/health/live', '/v2/health/ready']);

/** A hook that refuses requests without the token, before their bodies are read. */
export function requireToken(token: string) {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return async (request: {
    readonly routeOptions: { readonly url?: string | undefined };
    readonly headers: { readonly authorization?: string | undefined };
  }): Promise<void> => {
    if (open.has(request.routeOptions.url ?? '')) return;
    // Digests are of one length whatever came, so that nothing can be learned from the time.
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
    throw new OddityError(
      'UNAUTHORIZED',
      'expected the header Authorization: Bearer <token>; give the token the server was started with',
    );
  };
}

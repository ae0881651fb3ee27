// What operators look at: metrics, the description of the interface, the pages, and live traffic as server-sent events.
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { OddityError } from '../../errors.ts';
import { docsPage } from './docs-page.ts';
import { livePage, type Page } from './live-page.ts';
import { describeInterface } from './openapi.ts';
import type { Services } from './services.ts';

/** Viewers of the live page at once. */
const mostViewers = 50;

export function addOperationRoutes(app: FastifyInstance, services: Services): void {
  const { registry, metrics, traffic } = services;
  app.get('/metrics', async (_, reply) => {
    for (const name of registry.names) {
      const { scorer, drift } = registry.get(name);
      metrics.setWaiting(name, scorer.waiting);
      metrics.setDrift(name, drift.report());
    }
    return reply.type(metrics.contentType).send(await metrics.render());
  });
  app.get('/openapi.json', async () => describeInterface(services));
  for (const [url, page] of [['/', livePage] as const, ['/docs', docsPage] as const]) {
    const policy = policyOf(page);
    const html = htmlOf(page);
    app.get(url, async (_, reply) =>
      reply
        .header('content-security-policy', policy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(html),
    );
  }

  const viewers = new Set<FastifyReply>();
  const beat = setInterval(() => {
    // The totals are per second whether anybody looks or not.
    const frame = traffic.frame();
    if (viewers.size === 0) return;
    const event = `data: ${JSON.stringify(frame)}\n\n`;
    for (const { raw } of viewers) {
      // A viewer that does not read is left behind, not remembered.
      if (raw.writableLength < 1 << 20) raw.write(event);
    }
  }, 1000);
  beat.unref();
  app.addHook('preClose', async () => {
    clearInterval(beat);
    for (const { raw } of viewers) raw.end();
  });
  app.get('/v1/live', (request, reply) => {
    if (viewers.size >= mostViewers) {
      throw new OddityError('BUSY', `${mostViewers} viewers are watching already; try again later`);
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'close',
    });
    reply.raw.write(': live\n\n');
    viewers.add(reply);
    request.raw.on('close', () => viewers.delete(reply));
    reply.raw.on('error', () => viewers.delete(reply));
  });
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policyOf = ({ script, style }: Page): string =>
  `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const htmlOf = ({ title, style, body, script }: Page): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style><body>${body}<script type="module">${script}</script></body></html>`;

// The server as an app that is tested without a socket: `createApp({ detectors })`, then `app.inject(...)`.
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { RowSet } from '../data/rows.ts';
import type { Detector } from '../detect/detector.ts';
import { OddityError } from '../errors.ts';
import { watchDrift } from './drift/report-drift.ts';
import { requireToken } from './http/authorization.ts';
import { addInferenceRoutes } from './http/inference-routes.ts';
import { addOperationRoutes } from './http/operation-routes.ts';
import { addScoreRoutes } from './http/score-routes.ts';
import type { Services } from './http/services.ts';
import { createMetrics } from './metrics.ts';
import { problemFrom, problemOf } from './problem.ts';
import { openRegistry, type RegistryOptions } from './registry.ts';
import { createTraffic } from './traffic.ts';

export interface AppOptions extends Omit<RegistryOptions, 'metrics'> {
  /** Folders, or open detectors, by the names under which they are served. */
  readonly detectors: Readonly<Record<string, string | Detector<RowSet>>>;
  /** Asked of every request but those for the pages and for health. */
  readonly token?: string;
  /** Largest body, in bytes; 8 MiB unless given. */
  readonly maxBody?: number;
  /** Most rows of one request; 10,000 unless given. */
  readonly maxRows?: number;
  /** Most pixels of an image file; 16 million unless given. */
  readonly maxPixels?: number;
  /** What the server says of itself. */
  readonly serverVersion?: string;
  /** Hears of failures that nobody expected. */
  readonly onFailure?: (error: unknown) => void;
}

export type App = FastifyInstance;

/** Loads the detectors, warms them up, and makes an app that answers for them. Throws BAD_DETECTOR, BAD_USAGE. */
export async function createApp(options: AppOptions): Promise<App> {
  const { detectors, maxBody = 8 << 20, onFailure = () => {}, token } = options;
  const bad = Object.keys(detectors).find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name));
  if (bad !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected names of letters, digits, dots and dashes for detectors, got '${bad}'; name it with name=folder`,
    );
  }
  const metrics = createMetrics();
  const registry = await openRegistry(detectors, { ...options, metrics });
  const active = () => registry.names.map((name) => registry.get(name));
  const services: Services = {
    registry,
    metrics,
    traffic: createTraffic(active),
    limits: { maxRows: options.maxRows ?? 10_000, maxPixels: options.maxPixels ?? 16_000_000 },
    serverVersion: options.serverVersion ?? '0',
    onNotice: options.onNotice ?? (() => {}),
  };
  const app = Fastify({
    bodyLimit: maxBody,
    logger: false,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false },
    },
    frameworkErrors: (error, _, reply) => fail(error, reply as unknown as FastifyReply),
    clientErrorHandler(_, socket) {
      if (!socket.writable) return;
      const body = JSON.stringify(
        problemOf(400, 'BAD_USAGE', 'expected an HTTP request, got something else'),
      );
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    },
  });
  function fail(error: FastifyError | Error, reply: FastifyReply): void {
    const problem = problemFrom(error);
    if (problem.code === 'UNEXPECTED') onFailure(error);
    reply.code(problem.status).header('content-type', problemType);
    if (problem.status === 503) reply.header('retry-after', '1');
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    reply.serializer(JSON.stringify).send(problem);
  }
  app.setErrorHandler((error: FastifyError, _, reply) => fail(error, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    fail(
      new OddityError('NO_DATA', `there is no ${request.method} ${path.slice(0, 200)}; see /openapi.json`),
      reply,
    );
  });
  app.addContentTypeParser(['image/png', 'image/jpeg'], { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );
  if (token !== undefined) app.addHook('onRequest', requireToken(token));
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    services.traffic.countRequest();
    metrics.countRequest(route, reply.statusCode, reply.elapsedTime / 1000);
  });
  const watch = watchDrift(registry, metrics, services.onNotice);
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    // Connections whose last answer goes out while we close are idle only afterwards.
    sweep = setInterval(() => app.server.closeIdleConnections(), 50);
  });
  app.addHook('onClose', async () => {
    clearInterval(sweep);
    watch.stop();
    await registry.close();
  });
  addScoreRoutes(app, services);
  addInferenceRoutes(app, services);
  addOperationRoutes(app, services);
  await app.ready();
  return app;
}

const problemType = 'application/problem+json; charset=utf-8';

// `POST /v1/detectors/{name}/score` and `.../explain`: rows by column name, images as arrays or files.
import type { FastifyInstance } from 'fastify';
import { OddityError } from '../../errors.ts';
import type { ActiveDetector } from '../registry.ts';
import type { FlatRows } from '../rows/format.ts';
import { readImageFile, readImages } from '../rows/image-rows.ts';
import { readColumns, readRecords } from '../rows/table-rows.ts';
import { explainBody, fileBody, scoreBody, scoreReply } from './schemas.ts';
import type { Services } from './services.ts';

interface RowsBody {
  readonly row?: unknown;
  readonly rows?: readonly unknown[];
  readonly columns?: Readonly<Record<string, unknown>>;
  readonly images?: readonly unknown[];
  readonly falseAlarmRate?: number;
}

interface NamedRoute {
  readonly Params: { readonly name: string };
  readonly Body: RowsBody | Buffer;
}

export function addScoreRoutes(app: FastifyInstance, services: Services): void {
  const { registry } = services;
  const files = { 'image/png': { schema: fileBody }, 'image/jpeg': { schema: fileBody } };
  app.get('/v1/detectors', async () => ({
    detectors: registry.names.map((name) => summaryOf(registry.get(name))),
  }));
  app.get<{ Params: { name: string } }>('/v1/detectors/:name', async ({ params }) => ({
    ...summaryOf(registry.get(params.name)),
    drift: registry.get(params.name).drift.report(),
    versions: registry.versions(params.name),
  }));

  app.post<NamedRoute>(
    '/v1/detectors/:name/score',
    {
      schema: {
        body: { content: { 'application/json': { schema: scoreBody }, ...files } },
        response: { 200: scoreReply },
      },
    },
    async ({ params, body }) => {
      const active = registry.get(params.name);
      const read = readBody(active, body, services);
      // Tables are read at once; only image files need a wait.
      const rows = read instanceof Promise ? await read : read;
      const { falseAlarmRate = active.detector.manifest.falseAlarmRate } = body as RowsBody;
      const threshold = active.detector.threshold(falseAlarmRate);
      const { score, pValue } = await active.scorer.score(rows);
      record(services, active, rows, score, pValue, threshold);
      const results = new Array<object>(rows.count);
      for (let row = 0; row < rows.count; row++) {
        const value = score[row] as number;
        results[row] = { score: value, pValue: pValue[row], anomaly: value > threshold };
      }
      return { detector: active.name, version: active.version, falseAlarmRate, threshold, results };
    },
  );

  app.post<NamedRoute>(
    '/v1/detectors/:name/explain',
    { schema: { body: { content: { 'application/json': { schema: explainBody }, ...files } } } },
    async ({ params, body }) => {
      const active = registry.get(params.name);
      const rows = await readBody(active, body, services);
      const { scorer, detector } = active;
      const { falseAlarmRate = detector.manifest.falseAlarmRate } = body as RowsBody;
      const threshold = detector.threshold(falseAlarmRate);
      const [{ score, pValue }, contributions] = await Promise.all([
        scorer.score(rows),
        scorer.explain(rows),
      ]);
      const size = contributions.length / rows.count;
      const { columns, shape } = scorer.format;
      return {
        detector: active.name,
        version: active.version,
        falseAlarmRate,
        threshold,
        ...(columns.length > 0 ? { columns: columns.map(({ name }) => name) } : { shape }),
        results: Array.from(score, (value, row) => {
          const own = Array.from(contributions.subarray(row * size, (row + 1) * size));
          return {
            score: value,
            pValue: pValue[row],
            anomaly: value > threshold,
            contributions:
              columns.length > 0 ? Object.fromEntries(columns.map(({ name }, i) => [name, own[i]])) : own,
          };
        }),
      };
    },
  );
}

/** Counts what was scored, for metrics, drift and the live page. */
export function record(
  { traffic, metrics }: Services,
  active: ActiveDetector,
  rows: FlatRows,
  score: Float32Array,
  pValue: Float32Array,
  threshold: number,
): void {
  active.drift.observe(rows, pValue);
  metrics.countScores(active.name, pValue, traffic.observe(active, rows, score, pValue, threshold));
}

function readBody(
  { scorer: { format } }: ActiveDetector,
  body: RowsBody | Buffer,
  { limits }: Services,
): FlatRows | Promise<FlatRows> {
  if (Buffer.isBuffer(body)) {
    requireKind(format.kind, 'images');
    return readImageFile(format, body, limits);
  }
  const { row, rows, columns, images } = body;
  const given = [row, rows, columns, images].filter((each) => each !== undefined).length;
  if (given !== 1) {
    throw new OddityError(
      'BAD_USAGE',
      `expected one of row, rows, columns or images, got ${given}; give one of them`,
    );
  }
  const first = Object.values(columns ?? {})[0];
  requireCount(rows ?? images ?? (Array.isArray(first) ? first : [row]), limits.maxRows);
  requireKind(format.kind, images === undefined ? 'table' : 'images');
  if (images !== undefined) return readImages(format, images, limits);
  return columns === undefined ? readRecords(format, rows ?? [row]) : readColumns(format, columns);
}

/** Throws BAD_DATA for no rows, TOO_LARGE for too many. */
export function requireCount({ length }: { readonly length: number }, most: number): void {
  if (length === 0) throw new OddityError('BAD_DATA', 'expected at least one row, got none');
  if (length <= most) return;
  throw new OddityError(
    'TOO_LARGE',
    `expected at most ${most} rows in a request, got ${length}; send them in several`,
  );
}

/** Throws BAD_DATA for images where a table is known, or the other way round. */
export function requireKind(known: 'table' | 'images', got: 'table' | 'images'): void {
  if (known === got) return;
  const [expected, came] =
    known === 'table' ? ['row, rows or columns', 'images'] : ['images', 'rows of a table'];
  throw new OddityError(
    'BAD_DATA',
    `this detector knows ${known === 'table' ? 'rows of a table' : 'images'}: expected ${expected}, got ${came}`,
  );
}

function summaryOf({ name, version, loadedAt, detector, scorer }: ActiveDetector) {
  const { manifest } = detector;
  const { kind, columns, shape } = scorer.format;
  return {
    name,
    version,
    loadedAt,
    kind,
    ...(kind === 'table'
      ? { columns: columns.map((each) => ({ name: each.name, kind: each.kind })) }
      : { shape }),
    data: manifest.data.name,
    model: manifest.training.model,
    falseAlarmRate: manifest.falseAlarmRate,
    threshold: detector.threshold(),
  };
}

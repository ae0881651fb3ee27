// `GET /openapi.json`: what this server answers, with the columns of the detectors it serves now.
import type { ActiveDetector } from '../registry.ts';
import { explainBody, inferBody, scoreBody, scoreReply } from './schemas.ts';
import type { Services } from './services.ts';

const problem = { $ref: '#/components/schemas/Problem' };
const refusals = Object.fromEntries(
  Object.entries({
    400: 'Not a request this server understands',
    401: 'The token is missing or wrong',
    404: 'No such detector',
    413: 'More than this server takes at once',
    422: 'Rows that the detector does not know',
    503: 'Too many rows are waiting; try again after Retry-After seconds',
  }).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: problem } } },
  ]),
);
const answer = (description: string, schema: object = { type: 'object' }) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...refusals,
});
const read = (summary: string) => ({ summary, responses: answer('OK') });

/** An OpenAPI 3.1 document. */
export function describeInterface({ registry, serverVersion }: Services) {
  const paths: Record<string, object> = {
    '/v1/detectors': { get: read('The detectors served here') },
  };
  for (const name of registry.names) {
    const active = registry.get(name);
    const post = (summary: string, schema: object, example: object, reply?: object) => ({
      post: {
        summary,
        requestBody: {
          required: true,
          content: {
            'application/json': { schema, example },
            ...(active.scorer.format.kind === 'images' ? fileTypes : {}),
          },
        },
        responses: answer('OK', reply),
      },
    });
    const example = exampleOf(active);
    paths[`/v1/detectors/${name}`] = { get: read(`What ${name} is, its drift and its versions`) };
    paths[`/v1/detectors/${name}/score`] = post(
      'Scores, p-values and verdicts',
      bodyOf(scoreBody, active),
      example,
      scoreReply,
    );
    paths[`/v1/detectors/${name}/explain`] = post(
      'Scores, and what each column or pixel adds to them',
      bodyOf(explainBody, active),
      example,
    );
    paths[`/v2/models/${name}`] = { get: read('Open Inference Protocol: metadata') };
    paths[`/v2/models/${name}/versions`] = { get: read('What runs, what ran, what was refused') };
    paths[`/v2/models/${name}/ready`] = { get: read('Open Inference Protocol: readiness') };
    paths[`/v2/models/${name}/infer`] = post(
      'Open Inference Protocol: inference',
      inferBody,
      inferenceOf(active),
    );
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Oddity',
      version: serverVersion,
      description: 'Scores rows against what detectors learned as normal.',
    },
    paths: {
      ...paths,
      '/v2': { get: read('Open Inference Protocol: the server') },
      '/v2/health/live': { get: read('Whether the process runs') },
      '/v2/health/ready': { get: read('Whether it can score') },
      '/metrics': { get: read('Metrics for Prometheus') },
      '/v1/live': { get: read('Live traffic, as server-sent events') },
    },
    components: {
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string' },
          },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{}, { token: [] }],
  };
}

const fileTypes = Object.fromEntries(
  ['image/png', 'image/jpeg'].map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
);

/** The schema of a body with the detector's own columns in it. */
function bodyOf(schema: typeof scoreBody, { scorer: { format } }: ActiveDetector): object {
  const { row, rows, columns, images, falseAlarmRate } = schema.properties;
  if (format.kind === 'images') return { ...schema, properties: { images, falseAlarmRate } };
  const record = {
    type: 'object',
    required: format.columns.map(({ name }) => name),
    additionalProperties: false,
    properties: Object.fromEntries(
      format.columns.map(({ name, kind }) => [
        name,
        { type: [kind === 'number' ? 'number' : 'string', 'null'] },
      ]),
    ),
  };
  return {
    ...schema,
    properties: { row: { ...row, ...record }, rows: { ...rows, items: record }, columns, falseAlarmRate },
  };
}

function exampleOf({ scorer: { format } }: ActiveDetector): object {
  if (format.kind === 'images') return { images: [new Array(format.width).fill(0)] };
  const cells = format.columns.map(({ name, kind, keys }) => [
    name,
    kind === 'number' ? 0 : (keys[0] ?? null),
  ]);
  return { rows: [Object.fromEntries(cells)] };
}

function inferenceOf({ scorer: { format } }: ActiveDetector): object {
  if (format.kind === 'images') {
    const data = new Array(format.width).fill(0);
    return { inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, ...format.shape], data }] };
  }
  const inputs = format.columns.map(({ name, kind, keys }) =>
    kind === 'number'
      ? { name, datatype: 'FP32', shape: [1], data: [0] }
      : { name, datatype: 'BYTES', shape: [1], data: [keys[0] ?? null] },
  );
  return { inputs };
}

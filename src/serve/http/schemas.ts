// JSON Schemas of requests and answers: what Fastify checks on the hot path, and what /openapi.json shows.
// Cells are checked as they are copied (rows/table-rows.ts): that is faster than a schema, and says more.

const falseAlarmRate = {
  type: 'number',
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  description: "False alarms per normal row; the detector's own unless given.",
} as const;

const pixels = {
  description: 'Whole numbers 0..255, nested or flat, or a PNG or JPEG file in base64.',
  anyOf: [{ type: 'array' }, { type: 'string' }],
} as const;

export const scoreBody = {
  type: 'object',
  additionalProperties: false,
  properties: {
    row: { type: 'object', description: 'One row by column name.' },
    rows: { type: 'array', items: { type: 'object' }, description: 'Rows by column name.' },
    columns: {
      type: 'object',
      additionalProperties: { type: 'array' },
      description: 'Columns by name, all of one length.',
    },
    images: { type: 'array', items: pixels, description: 'Images of the shape the detector knows.' },
    falseAlarmRate,
  },
} as const;

export const explainBody = scoreBody;

/** A PNG or JPEG file as the whole body. */
export const fileBody = {} as const;

export const scoreReply = {
  type: 'object',
  properties: {
    detector: { type: 'string' },
    version: { type: 'string' },
    falseAlarmRate: { type: 'number' },
    threshold: { type: 'number' },
    results: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          score: { type: 'number' },
          pValue: { type: 'number' },
          anomaly: { type: 'boolean' },
        },
      },
    },
  },
} as const;

const tensor = {
  type: 'object',
  required: ['name', 'shape', 'datatype', 'data'],
  properties: {
    name: { type: 'string' },
    shape: { type: 'array', minItems: 1, maxItems: 4, items: { type: 'integer', minimum: 0, maximum: 1e9 } },
    datatype: { type: 'string' },
    parameters: { type: 'object' },
    data: { type: 'array' },
  },
} as const;

/** The Open Inference Protocol's request. */
export const inferBody = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: 'string', maxLength: 1000 },
    parameters: { type: 'object' },
    inputs: { type: 'array', minItems: 1, maxItems: 10_000, items: tensor },
    outputs: {
      type: 'array',
      maxItems: 100,
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
  },
} as const;

// The Open Inference Protocol, version 2 (github.com/kserve/open-inference-protocol), over JSON.
// Inputs are those of detector.onnx, or one tensor for each column of a table.
import type { FastifyInstance } from 'fastify';
import { OddityError } from '../../errors.ts';
import type { ActiveDetector } from '../registry.ts';
import type { FlatRows, RowFormat } from '../rows/format.ts';
import { fillPixels } from '../rows/image-rows.ts';
import { readColumns } from '../rows/table-rows.ts';
import { inferBody } from './schemas.ts';
import { record, requireCount } from './score-routes.ts';
import type { Services } from './services.ts';

interface InferTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly unknown[];
}
interface InferRoute {
  readonly Params: { readonly model: string; readonly version?: string };
  readonly Body: {
    readonly id?: string;
    readonly inputs: readonly InferTensor[];
    readonly outputs?: readonly { readonly name: string }[];
  };
}
interface ModelRoute {
  readonly Params: { readonly model: string; readonly version?: string };
}

export function addInferenceRoutes(app: FastifyInstance, services: Services): void {
  const { registry, serverVersion, limits } = services;
  app.get('/v2', async () => ({ name: 'oddity', version: serverVersion, extensions: ['model_versions'] }));
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async () => ({ ready: true }));
  app.get<ModelRoute>('/v2/models/:model/versions', async ({ params: { model } }) => ({
    name: model,
    active: registry.get(model).version,
    versions: registry.versions(model),
  }));
  for (const base of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    const get = ({ model, version }: ModelRoute['Params']): ActiveDetector => {
      const active = registry.get(model);
      if (version === undefined || version === active.version) return active;
      throw new OddityError(
        'NO_DATA',
        `that version of ${active.name} does not run here; ${active.version} does`,
      );
    };
    app.get<ModelRoute>(base, async ({ params }) => metadataOf(get(params)));
    app.get<ModelRoute>(`${base}/ready`, async ({ params }) => ({ name: get(params).name, ready: true }));
    app.post<InferRoute>(`${base}/infer`, { schema: { body: inferBody } }, async ({ params, body }) => {
      const active = get(params);
      const wanted = (body.outputs ?? outputNames.slice(0, 3).map((name) => ({ name }))).map(
        ({ name }) => name,
      );
      const unknown = wanted.find((name) => !outputNames.includes(name));
      if (unknown !== undefined) {
        throw new OddityError('BAD_USAGE', `there is no such output; ask for ${outputNames.join(', ')}`);
      }
      const rows = readTensors(active.scorer.format, body.inputs, limits.maxRows);
      const threshold = active.detector.threshold();
      const [{ score, pValue }, contributions] = await Promise.all([
        active.scorer.score(rows),
        wanted.includes('contributions') ? active.scorer.explain(rows) : undefined,
      ]);
      record(services, active, rows, score, pValue, threshold);
      const shape = [rows.count];
      const tensors: Record<string, object> = {
        score: { datatype: 'FP32', shape, data: Array.from(score) },
        p_value: { datatype: 'FP32', shape, data: Array.from(pValue) },
        anomaly: { datatype: 'BOOL', shape, data: Array.from(score, (value) => value > threshold) },
        contributions: {
          datatype: 'FP32',
          shape: [rows.count, ...contributionShape(active.scorer.format)],
          data: Array.from(contributions ?? []),
        },
      };
      return {
        model_name: active.name,
        model_version: active.version,
        ...(body.id === undefined ? {} : { id: body.id }),
        outputs: wanted.map((name) => ({ name, ...tensors[name] })),
      };
    });
  }
}

const outputNames = ['score', 'p_value', 'anomaly', 'contributions'];
const contributionShape = ({ kind, shape, width }: RowFormat): readonly number[] =>
  kind === 'images' ? shape : [width];
const ofKind = ({ columns }: RowFormat, kind: 'number' | 'category') =>
  columns.filter((column) => column.kind === kind);

function metadataOf({ name, version, scorer: { format } }: ActiveDetector) {
  const [numbers, categories] = [ofKind(format, 'number').length, ofKind(format, 'category').length];
  const inputs =
    format.kind === 'images'
      ? [{ name: 'pixels', datatype: 'UINT8', shape: [-1, ...format.shape] }]
      : [
          ...(numbers > 0 ? [{ name: 'numbers', datatype: 'FP32', shape: [-1, numbers] }] : []),
          ...(categories > 0 ? [{ name: 'categories', datatype: 'BYTES', shape: [-1, categories] }] : []),
        ];
  return {
    name,
    versions: [version],
    platform: 'oddity',
    inputs,
    outputs: [
      { name: 'score', datatype: 'FP32', shape: [-1] },
      { name: 'p_value', datatype: 'FP32', shape: [-1] },
      { name: 'anomaly', datatype: 'BOOL', shape: [-1] },
      { name: 'contributions', datatype: 'FP32', shape: [-1, ...contributionShape(format)] },
    ],
  };
}

const numeric = new Set([
  'FP16',
  'FP32',
  'FP64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
]);

/** Flat rows from tensors. Throws BAD_DATA that names the input. */
function readTensors(format: RowFormat, inputs: readonly InferTensor[], maxRows: number): FlatRows {
  const refuse = (message: string): OddityError => new OddityError('BAD_DATA', message);
  const named = new Map(inputs.map((each) => [each.name, each]));
  if (named.size < inputs.length) throw refuse('expected inputs of different names');
  const flat = ({ name, shape, data }: InferTensor, rowShape: readonly number[]): readonly unknown[] => {
    const rows = shape[0] ?? 0;
    requireCount({ length: rows }, maxRows);
    const column = rowShape.length === 0 && shape.length === 2 && shape[1] === 1;
    if (!column && shape.slice(1).join() !== rowShape.join()) {
      throw refuse(
        `input '${name.slice(0, 60)}': expected the shape [${['rows', ...rowShape].join(', ')}], got [${shape.join(', ')}]`,
      );
    }
    const values = data.some(Array.isArray) ? data.flat(3) : data;
    const size = rowShape.reduce((product, length) => product * length, rows);
    if (values.length === size) return values;
    throw refuse(`input '${name.slice(0, 60)}': expected ${size} values for its shape, got ${values.length}`);
  };
  const requireType = ({ name, datatype }: InferTensor, fits: boolean, expected: string): void => {
    if (!fits)
      throw refuse(
        `input '${name.slice(0, 60)}': expected the datatype ${expected}, got ${datatype.slice(0, 20)}`,
      );
  };
  if (format.kind === 'images') {
    const pixels = named.get('pixels');
    if (pixels === undefined || named.size > 1) throw refuse("expected one input named 'pixels'");
    requireType(pixels, pixels.datatype === 'UINT8', 'UINT8');
    const values = flat(pixels, format.shape);
    const count = pixels.shape[0] ?? 0;
    const rows = format.allocate(count) as Uint8Array<ArrayBuffer>;
    for (let row = 0; row < count; row++) {
      const image = values.slice(row * format.width, (row + 1) * format.width);
      fillPixels(rows, row * format.width, image, format, `image ${row}`);
    }
    return { count, values: rows };
  }
  const columns: Record<string, readonly unknown[]> = Object.create(null);
  const whole = [
    { name: 'numbers', of: ofKind(format, 'number') },
    { name: 'categories', of: ofKind(format, 'category') },
  ].filter(({ name, of }) => of.length > 0 && !format.columns.some((column) => column.name === name));
  for (const { name, of } of whole) {
    const tensor = named.get(name);
    if (tensor === undefined) continue;
    named.delete(name);
    const numbers = name === 'numbers';
    requireType(
      tensor,
      numbers ? numeric.has(tensor.datatype) : tensor.datatype === 'BYTES',
      numbers ? 'FP32' : 'BYTES',
    );
    const values = flat(tensor, [of.length]);
    for (const [i, column] of of.entries()) {
      columns[column.name] = Array.from(
        { length: tensor.shape[0] ?? 0 },
        (_, row) => values[row * of.length + i],
      );
    }
  }
  for (const [name, tensor] of named) {
    const column = format.columns.find((each) => each.name === name);
    if (column === undefined)
      throw refuse(`the detector has no input '${name.slice(0, 60)}'; see its metadata`);
    if (columns[name] !== undefined) throw refuse(`the input '${name.slice(0, 60)}' is given twice`);
    const fits = column.kind === 'number' ? numeric.has(tensor.datatype) : tensor.datatype === 'BYTES';
    requireType(tensor, fits, column.kind === 'number' ? 'FP32' : 'BYTES');
    columns[name] = flat(tensor, []);
  }
  return readColumns(format, columns);
}

// An encoding as a graph: raw numbers and texts in, features out, so that `detector.onnx` takes raw columns.
import {
  add,
  asinh,
  categoryCode,
  concat,
  constant,
  divide,
  gatherRows,
  maximum,
  minimum,
  multiply,
  replaceMissing,
  reshape,
  slice,
  subtract,
  toFloat,
  toIndex,
} from '../../graph/operations.ts';
import type { Tensor } from '../../graph/tensor.ts';
import {
  type CategoryEncoding,
  categoriesOf,
  cells,
  type FittedEncoding,
  type NumberEncoding,
  numbersOf,
} from './encoding.ts';

/** The raw inputs: numbers [batch, numbers], NaN where missing, and texts [batch, categories], '' where missing. */
export interface RawInputs {
  readonly numbers?: Tensor;
  readonly categories?: Tensor;
}

/** Raw inputs -> features [batch, size], in the order of `segmentsOf`. */
export function encode({ encoding, knots }: FittedEncoding, { numbers, categories }: RawInputs): Tensor {
  const parts: Tensor[] = [];
  if (numbers !== undefined) {
    const columns = numbersOf(encoding);
    const scaled = encoding.scaling === 'quantile' ? rankByTable : standardise;
    parts.push(
      replaceMissing(
        scaled(numbers, columns, knots),
        vector(columns, ({ missing }) => missing),
      ),
    );
  }
  if (categories !== undefined) {
    for (const [i, column] of categoriesOf(encoding).entries()) {
      parts.push(oneHot(slice(categories, 1, i, i + 1), column));
    }
  }
  return concat(parts, 1);
}

const vector = (columns: readonly NumberEncoding[], of: (column: NumberEncoding) => number): Tensor =>
  constant(Float32Array.from(columns, of), [columns.length]);

/** A feature's largest size: far beyond any normal row, and safe to square and sum. */
const farthest = 1e4;

/** (u - from) / step of u = t or asinh(t), t = (x - center) / scale; single numbers of any size survive. */
function standardise(x: Tensor, columns: readonly NumberEncoding[]): Tensor {
  const t = divide(
    subtract(
      x,
      vector(columns, (c) => c.center),
    ),
    vector(columns, (c) => c.scale),
  );
  if (columns.every(({ tamed, from, step }) => !tamed && from === 0 && step === 1)) return clamp(t, farthest);
  const tamed = vector(columns, (c) => Number(c.tamed));
  const plain = clamp(t, 1e18);
  const u = add(multiply(asinh(plain), tamed), multiply(plain, subtract(1, tamed)));
  const scaled = divide(
    subtract(
      u,
      vector(columns, (c) => c.from),
    ),
    vector(columns, (c) => c.step),
  );
  return clamp(scaled, farthest);
}

const clamp = (x: Tensor, most: number): Tensor => minimum(maximum(x, -most), most);

/**
 * Straight lines between the knots of each column's table, over u = asinh((x - center) / scale). Beyond the last
 * knots a feature goes on by one for each unit of u: farther out is more anomalous, without end.
 */
function rankByTable(x: Tensor, columns: readonly NumberEncoding[], knots: Float32Array): Tensor {
  const count = columns.length;
  const scaled = divide(
    subtract(
      x,
      vector(columns, (c) => c.center),
    ),
    vector(columns, (c) => c.scale),
  );
  const u = asinh(clamp(scaled, 1e18));
  const place = divide(
    subtract(
      u,
      vector(columns, (c) => c.from),
    ),
    vector(columns, (c) => c.step),
  );
  // A missing number would be no place at all; what it becomes is decided by whoever calls.
  const inside = clampBetween(replaceMissing(place, 0), 0, cells);
  const cell = toFloat(toIndex(minimum(inside, cells - 0.5)));
  const share = subtract(inside, cell);
  const index = toIndex(
    add(
      cell,
      constant(
        Float32Array.from({ length: count }, (_, i) => i * cells),
        [count],
      ),
    ),
  );
  const [lows, rises] = [new Float32Array(count * cells), new Float32Array(count * cells)];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < cells; k++) {
      const low = knots[i * (cells + 1) + k] ?? 0;
      lows[i * cells + k] = low;
      rises[i * cells + k] = (knots[i * (cells + 1) + k + 1] ?? 0) - low;
    }
  }
  const along = (values: Float32Array): Tensor => gatherRows(constant(values, [count * cells]), index);
  const within = add(along(lows), multiply(along(rises), share));
  const beyond = multiply(
    subtract(place, inside),
    vector(columns, (c) => c.step),
  );
  return add(within, beyond);
}

const clampBetween = (x: Tensor, low: number, high: number): Tensor => minimum(maximum(x, low), high);

/** Texts [batch, 1] -> one-hot [batch, keys + 1]. */
function oneHot(texts: Tensor, { keys }: CategoryEncoding): Tensor {
  const places = keys.length + 1;
  const identity = new Float32Array(places * places);
  for (let i = 0; i < places; i++) identity[i * places + i] = 1;
  const rows = gatherRows(constant(identity, [places, places]), categoryCode(texts, keys));
  return reshape(rows, [texts.shape[0] ?? 1, places]);
}

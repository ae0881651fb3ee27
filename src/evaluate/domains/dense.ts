// Rows as classical methods take them: dense numbers, scaled by what the training rows say.
import { isTable, type RowSet } from '../../data/rows.ts';
import { fitEncoding } from '../../detect/tables/encoding.ts';
import { tableModality } from '../../detect/tables/modality.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import type { DenseRows } from '../baselines/baseline.ts';

/** Training and test rows in one scaling, and what it is called. */
export interface DenseView {
  readonly scaling: string;
  readonly training: DenseRows;
  readonly test: DenseRows;
}

export interface DenseOptions {
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
}

/** Tables in standard and in quantile-normal scaling, categories one-hot; images as pixels, raw and each by its own contrast. */
export async function denseViews(
  training: RowSet,
  test: RowSet,
  options: DenseOptions,
): Promise<DenseView[]> {
  if (!isTable(training)) {
    return [
      { scaling: 'pixels', training: pixelsOf(training), test: pixelsOf(test) },
      { scaling: 'contrast', training: contrastOf(training), test: contrastOf(test) },
    ];
  }
  const views: DenseView[] = [];
  for (const scaling of ['standard', 'quantile'] as const) {
    const modality = tableModality(fitEncoding(training, scaling));
    const dense = async (rows: RowSet): Promise<DenseRows> => {
      const { values, count } = await modality.store(rows, options);
      return { values: values as Float32Array, count, width: values.length / count };
    };
    views.push({ scaling, training: await dense(training), test: await dense(test) });
  }
  return views;
}

function pixelsOf(rows: RowSet): DenseRows {
  if (isTable(rows)) throw new RangeError('Images, got a table.');
  const { pixels, count } = rows;
  return { values: Float32Array.from(pixels, (byte) => byte / 255), count, width: pixels.length / count };
}

/** Each image less its mean, over its deviation. */
function contrastOf(rows: RowSet): DenseRows {
  const { values, count, width } = pixelsOf(rows);
  for (let row = 0; row < count; row++) {
    const image = values.subarray(row * width, (row + 1) * width);
    const mean = image.reduce((sum, value) => sum + value, 0) / width;
    const deviation = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width);
    for (let i = 0; i < width; i++) image[i] = ((image[i] ?? 0) - mean) / (deviation + 1e-3);
  }
  return { values, count, width };
}

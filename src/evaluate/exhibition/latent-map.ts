// Where test images lie in a detector's latent space, seen by PCA and by t-SNE.
import { principalPlane } from '../comparison/plane.ts';
import { type LatentMeasures, measureLatent } from '../generation/latent-measures.ts';
import type { MeasureOptions, Points } from '../generation/points.ts';
import { neighboursKept } from '../latent/nearest.ts';
import { tsneInWorker } from '../latent/tsne-worker.ts';

export interface LatentMap {
  readonly count: number;
  readonly dimension: number;
  /** [count, 2] */
  readonly pca: Float32Array;
  /** Share of the variance that the two axes hold. */
  readonly explained: number;
  /** [count, 2] */
  readonly tsne: Float32Array;
  /** Shares of the 10 nearest others that each map keeps; where there are more than 10 points. */
  readonly kept?: { readonly pca: number; readonly tsne: number };
  readonly measures: LatentMeasures;
}

export interface LatentMapOptions extends MeasureOptions {
  readonly labels?: Uint8Array | undefined;
  readonly onProgress?: (share: number) => void;
}

/** Draws both maps. Throws ABORTED. */
export async function mapCodes(
  codes: Points,
  { labels, onProgress, ...options }: LatentMapOptions = {},
): Promise<LatentMap> {
  const { count, dimension } = codes;
  const plane = count > 1 ? principalPlane(codes) : { points: new Float32Array(2 * count), explained: 1 };
  const tsne = await tsneInWorker(codes, {
    ...(options.signal && { signal: options.signal }),
    ...(onProgress && { onProgress }),
  });
  const toMap = (values: Float32Array): Points => ({ count, dimension: 2, values });
  const kept =
    count > 10
      ? { pca: neighboursKept(codes, toMap(plane.points)), tsne: neighboursKept(codes, toMap(tsne)) }
      : undefined;
  const measures = count > 10 ? await measureLatent(codes, labels, options) : { priorDistance: Number.NaN };
  return {
    count,
    dimension,
    pca: plane.points,
    explained: plane.explained,
    tsne,
    ...(kept && { kept }),
    measures,
  };
}

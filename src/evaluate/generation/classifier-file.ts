// A trained classifier as one file. Whatever it is not sure of, it does not read: the caller can train again.
import { z } from 'zod';
import { sha256 } from '../../detect/manifest.ts';
import { decodeTensors, encodeTensors } from '../../detect/safetensors.ts';

export interface TrainedClassifier {
  readonly weights: Float32Array;
  /** Share of the test images that it gets right. */
  readonly accuracy: number;
  /** SHA-256 of the weights. */
  readonly hash: string;
}

const metadataSchema = z.object({
  format: z.literal('oddity-classifier'),
  key: z.string(),
  accuracy: z.string().transform(Number).pipe(z.number().min(0).max(1)),
  hash: z.string(),
});

/** SHA-256 of weights, as they lie in memory. */
export const hashOf = (weights: Float32Array): Promise<string> =>
  sha256(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength));

/** Serialises a classifier under a key that names what it was made from. */
export function encodeClassifier({ weights, accuracy, hash }: TrainedClassifier, key: string): Uint8Array {
  const metadata = { format: 'oddity-classifier', key, accuracy: String(accuracy), hash };
  return encodeTensors({ tensors: { weights }, metadata });
}

/** The classifier of that key with `length` weights; undefined for any other bytes. */
export async function decodeClassifier(
  bytes: Uint8Array,
  key: string,
  length: number,
): Promise<TrainedClassifier | undefined> {
  try {
    const { tensors, metadata } = decodeTensors(bytes, 'The cached classifier');
    const { accuracy, hash, key: ownKey } = metadataSchema.parse(metadata);
    const { weights } = tensors;
    if (ownKey !== key || weights?.length !== length || hash !== (await hashOf(weights))) return undefined;
    return { weights, accuracy, hash };
  } catch {
    return undefined;
  }
}

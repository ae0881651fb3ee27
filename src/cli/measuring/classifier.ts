// The classifier that judges generated images: from the cache, or trained with a bar.
import { join } from 'node:path';
import type { ImageDataset } from '../../data/dataset.ts';
import { cacheFolder } from '../../data/sources.ts';
import { type Classifier, openClassifier } from '../../evaluate/generation/classifier.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import type { Context } from '../context.ts';

export async function openCachedClassifier(
  context: Context,
  dataset: ImageDataset,
  session: SessionOptions,
): Promise<Classifier> {
  const progress = context.progress();
  try {
    return await openClassifier(dataset, {
      cache: join(cacheFolder(), 'classifiers'),
      session,
      signal: context.signal,
      onProgress: (share) => progress.update(share, 'training the classifier that judges the images'),
      onNotice: context.note,
    });
  } finally {
    progress.stop();
  }
}

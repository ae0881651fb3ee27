// What the models of one report are called: by their kind, with a number where there are several of one kind.
import type { ManifestBody } from '../../detect/manifest.ts';
import { models } from '../../models/index.ts';

export interface ModelLabel {
  /** For file names and anchors. */
  readonly name: string;
  /** In words. */
  readonly label: string;
}

/** One for each, in their order, no two alike. */
export function labelModels(manifests: readonly Pick<ManifestBody, 'training'>[]): ModelLabel[] {
  const met = new Map<string, number>();
  return manifests.map(({ training: { model } }) => {
    const before = met.get(model) ?? 0;
    met.set(model, before + 1);
    const { label } = models[model];
    return before === 0
      ? { name: model, label }
      : { name: `${model}-${before + 1}`, label: `${label} ${before + 1}` };
  });
}

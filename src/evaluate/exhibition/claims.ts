// What people say of VAEs and GANs, held against the models of one report: a single training of each.
import { judgeClaims } from '../claims.ts';
import type { Claim, ComparedModel } from '../comparison/records.ts';
import { hasCollapsed, lossOscillation } from '../comparison/stability.ts';
import type { ModelExhibit } from './records.ts';

/** Judges the claims on models that were measured through a classifier; none where fewer than two were. */
export function claimsOf(models: readonly ModelExhibit[]): Claim[] {
  const compared = models.flatMap((model) => comparedOf(model) ?? []);
  return compared.length < 2 ? [] : judgeClaims(compared);
}

function comparedOf(model: ModelExhibit): ComparedModel | undefined {
  const { manifest, measures, paths, map, speeds } = model;
  if (measures === undefined || paths === undefined) return undefined;
  const { seed, ...settings } = manifest.training;
  const history = manifest.history.filter(({ member }) => member === 0);
  const { priorDistance } = map.measures;
  return {
    model: manifest.training.model,
    label: model.label,
    title: model.title,
    kind: model.kind,
    settings,
    latentDim: map.dimension,
    parameters: model.parameters,
    runs: [
      {
        outcome: 'trained',
        seed: Number(seed),
        history,
        generation: measures,
        latent: {
          count: map.count,
          ...map.measures,
          ...paths,
          priorDistancePerDimension: priorDistance / map.dimension,
          reconstructionError: model.reconstructionError,
        },
        speeds: {
          trainingSeconds: manifest.seconds,
          trained: (settings.epochs * manifest.data.rows.training) / manifest.seconds,
          drawn: speeds.drawn,
          encoded: speeds.scored,
        },
        oscillation: lossOscillation(history),
        collapsed: hasCollapsed(measures),
      },
    ],
    detection: [],
  };
}

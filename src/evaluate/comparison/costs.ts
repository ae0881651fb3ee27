// What each part of a comparison may cost, for the progress bar: seconds on two slow cores, corrected as work goes on.
import type { ImageDataset } from '../../data/dataset.ts';
import { type Choices, settingsFor } from '../../detect/settings.ts';
import type { Part } from './plan.ts';
import { type ComparedModel, type DetectionProtocol, detectionProtocols, type ModelKind } from './records.ts';

/** Images per second, measured with the default networks on 28 x 28 pixels. */
const rates: Readonly<Record<ModelKind, { readonly trained: number; readonly looked: number }>> = {
  variational: { trained: 6000, looked: 5000 },
  adversarial: { trained: 900, looked: 120 },
  hybrid: { trained: 900, looked: 5000 },
};

interface Work {
  readonly seeds: number;
  readonly samples: number;
  readonly cells: readonly { readonly protocol: DetectionProtocol; readonly label: number }[];
}

type Contestant = Pick<ComparedModel, 'model' | 'kind' | 'settings'> & { readonly choices: Choices };

/** The parts in the order in which `compareModels` does them. */
export function partsOf(
  contestants: readonly Contestant[],
  dataset: ImageDataset,
  { seeds, samples, cells }: Work,
): Part[] {
  const { train, test } = dataset;
  // Distances between all pairs of points, beside work that grows with the points.
  const measuring = 1 + samples / 1000 + 10 * (samples / 10_000) ** 2;
  const runs = contestants.flatMap(({ model, kind, settings }) => [
    { kind: `${model} training`, seconds: (settings.epochs * train.count) / rates[kind].trained },
    { kind: 'measuring', seconds: measuring },
    { kind: `${model} looking`, seconds: 2 + test.count / rates[kind].looked },
  ]);
  const detectors = contestants.flatMap(({ model, kind, choices }) =>
    cells.map(({ protocol, label }) => {
      const inside = countOf(train.labels, label);
      const normal = detectionProtocols[protocol] === 'normal' ? inside : train.count - inside;
      const { epochs, holdOut, scoring } = settingsFor(choices, normal);
      const looked = test.count + holdOut * normal + Math.min(normal, scoring.referenceRows);
      return {
        kind: `${model} detecting`,
        seconds: (epochs * normal) / rates[kind].trained + looked / rates[kind].looked,
      };
    }),
  );
  const repeat = (parts: readonly Part[]): Part[] => Array.from({ length: seeds }, () => parts).flat();
  return [{ kind: 'references', seconds: 2 * measuring }, ...repeat(runs), ...repeat(detectors)];
}

const countOf = (labels: Uint8Array | undefined, label: number): number =>
  labels?.reduce((count, each) => count + Number(each === label), 0) ?? 0;

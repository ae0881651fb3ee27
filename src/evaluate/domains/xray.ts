// Chest X-rays: PneumoniaMNIST, Yang et al., "MedMNIST v2" (2023), after Kermany et al. (2018).
import { readFileSync } from 'node:fs';
import type { ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';
import { parseNpz } from '../../data/tables/npz.ts';
import { detectionMeasures, measureDetection, rowsByLabel } from './detection-trial.ts';
import type { DomainBench } from './domain.ts';

export const xray: DomainBench = {
  title: 'Chest X-rays (PneumoniaMNIST)',
  async open(files) {
    const path = files.find('pneumoniamnist', 'pneumoniamnist.npz');
    const arrays = parseNpz(readFileSync(path), path);
    const read = (split: 'train' | 'test'): ImageSet => {
      const images = arrays.get(`${split}_images`);
      const labels = arrays.get(`${split}_labels`);
      const [count = 0, height = 1, width = 1] = images?.shape ?? [];
      return {
        shape: [height, width, 1],
        count,
        pixels: Uint8Array.from(images?.values ?? []),
        labels: Uint8Array.from(labels?.values ?? []),
      };
    };
    const [train, test] = [read('train'), read('test')];
    const isAnomaly = test.labels ?? new Uint8Array();
    const training = selectRows(train, rowsByLabel(train.labels ?? new Uint8Array()).normal);
    return [
      {
        name: 'pneumoniamnist',
        protocol:
          'trained on the normal X-rays of the training split, tested on the test split, where a pneumonia is the anomaly',
        measures: detectionMeasures,
        // X-rays are exposed differently: docs/decisions/0007.
        choices: {
          contrast: 'own',
          combination: { edgeMahalanobis: 1, edgeDensity: 1, edgeReconstruction: 1 },
        },
        published: [],
        trial: async () => ({ training, test, isAnomaly, measure: measureDetection(isAnomaly) }),
      },
    ];
  },
};

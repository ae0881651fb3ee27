// Card fraud: Dal Pozzolo et al., "Calibrating probability with undersampling for unbalanced classification" (2015).

import { detectionMeasures, halfTrial } from './detection-trial.ts';
import type { DomainBench } from './domain.ts';
import { readLabelled } from './labelled-table.ts';

export const fraud: DomainBench = {
  title: 'Credit-card fraud (ULB)',
  async open(files) {
    const { table, isAnomaly } = await readLabelled(
      files.find('creditcard', 'creditcard_ulb_subset.csv.gz'),
      {
        columns: { label: 'Class', drop: ['Time', 'SampleType'] },
        where: [{ column: 'SampleType', values: ['random', 'fraud-all492'] }],
      },
    );
    return [
      {
        name: 'creditcard',
        protocol:
          'trained on a random half of the normal transactions, tested on the other half and all 492 frauds; V1 to V28 and Amount',
        measures: detectionMeasures,
        choices: {},
        published: [
          { method: 'DTE-NP (Livernoche et al. 2024; other rows)', measures: { AUROC: 0.9564 } },
          { method: 'VAE (the same source)', measures: { AUROC: 0.9547 } },
          { method: 'GANomaly (the same source)', measures: { AUROC: 0.9325 } },
        ],
        trial: async (seed) => halfTrial(table, isAnomaly, seed),
      },
    ];
  },
};

// Twelve sets of ADBench (Han et al. 2022) under the protocol of DTE: Livernoche et al., "On diffusion modeling for
// anomaly detection" (2024), appendix; its published table stands beside ours. As in its code, normals are not
// shuffled before they are halved, and sets of fewer than 1,000 rows are drawn up to 1,000 with repetition.
import { readFileSync } from 'node:fs';
import type { TableSet } from '../../data/table.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import { detectionMeasures, rowsByLabel, trialOf } from './detection-trial.ts';
import type { DomainBench, DomainPart, PublishedMeasures, Trial } from './domain.ts';
import { readLabelled } from './labelled-table.ts';

const sets: Readonly<Record<string, string>> = {
  annthyroid: '2_annthyroid',
  breastw: '4_breastw',
  cardio: '6_cardio',
  fault: '12_fault',
  http: '16_http',
  mnist: '24_mnist',
  pendigits: '28_pendigits',
  satellite: '30_satellite',
  shuttle: '32_shuttle',
  thyroid: '38_thyroid',
  WBC: '42_WBC',
  Wilt: '44_Wilt',
};
const mostRows = 50_000;
const fewestRows = 1_000;

export const adbench: DomainBench = {
  title: 'ADBench, twelve sets',
  async open(files) {
    const published = readPublished(files.find('adbench', 'dte_published_aucroc.csv'));
    const parts: DomainPart[] = [];
    for (const [name, file] of Object.entries(sets)) {
      const { table, isAnomaly } = await readLabelled(files.find('adbench', `${file}.npz`), {
        columns: { label: 'y' },
      });
      parts.push({
        name,
        protocol: 'the first half of the normals to train on, the rest and all anomalies to test on',
        measures: detectionMeasures,
        choices: {},
        published: published(name),
        trial: async (seed) => trialInOrder(table, isAnomaly, seed),
      });
    }
    return parts;
  },
};

/** The first half of the normals, in the file's order, to train on. */
function trialInOrder(table: TableSet, isAnomaly: Uint8Array, seed: number): Trial {
  const rows = drawRows(table.count, seed);
  const labels = Uint8Array.from(rows, (row) => isAnomaly[row] ?? 0);
  const { normal, anomalous } = rowsByLabel(labels);
  const half = Math.round(normal.length / 2);
  const rowOf = (i: number): number => rows[i] ?? 0;
  const testRows = [...normal.slice(half), ...anomalous].map(rowOf);
  return trialOf(table, normal.slice(0, half).map(rowOf), table, testRows, isAnomaly);
}

/** At most 50,000 rows without repetition, at least 1,000 with; all rows in order where there are as many as that. */
function drawRows(count: number, seed: number): number[] {
  const random = createRandom(`adbench/${seed}`);
  if (count < fewestRows) return Array.from({ length: fewestRows }, () => random.integer(count));
  if (count > mostRows) return Array.from(permutation(count, random).subarray(0, mostRows));
  return Array.from({ length: count }, (_, row) => row);
}

/** DTE's results by set: `setting,dataset,method,aucroc_mean,aucroc_sd`. */
function readPublished(path: string): (set: string) => readonly PublishedMeasures[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.split(','));
  return (set) =>
    rows.flatMap(([setting, dataset, method = '', mean]) =>
      setting === 'semi-supervised' && dataset?.toLowerCase() === set.toLowerCase()
        ? [{ method, measures: { AUROC: Number(mean) / 100 } }]
        : [],
    );
}

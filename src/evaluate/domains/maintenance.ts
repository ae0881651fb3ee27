// Machines about to fail. AI4I 2020: Matzka, "Explainable artificial intelligence for predictive maintenance
// applications" (2020). Turbofans: Saxena et al., "Damage propagation modeling for aircraft engine run-to-failure
// simulation" (2008), set FD001.

import type { CategoryColumn, NumberColumn, TableColumn, TableSet } from '../../data/table.ts';
import { inferSchema } from '../../data/tables/infer-schema.ts';
import { readRows } from '../../data/tables/read-rows.ts';
import { openTable } from '../../data/tables/source.ts';
import { withWindows } from '../../data/tables/windows.ts';
import { rankCorrelation } from '../rank-correlation.ts';
import { detectionMeasures, halfTrial, measureDetection, trialOf } from './detection-trial.ts';
import type { DomainBench, DomainFiles, DomainPart } from './domain.ts';
import { readLabelled } from './labelled-table.ts';

export const maintenance: DomainBench = {
  title: 'Machines about to fail',
  open: async (files) => [await openMill(files), await openTurbofans(files)],
};

async function openMill(files: DomainFiles): Promise<DomainPart> {
  const { table, isAnomaly } = await readLabelled(files.find('ai4i', 'ai4i2020.csv'), {
    columns: {
      label: 'Machine failure',
      drop: ['UDI', 'Product ID', 'TWF', 'HDF', 'PWF', 'OSF', 'RNF'],
    },
  });
  return {
    name: 'ai4i',
    protocol:
      'a milling machine: trained on a random half of the normal cuts, tested on the other half and all 339 failures',
    measures: detectionMeasures,
    // Five columns whose relations matter: docs/decisions/0007.
    choices: {
      scaling: 'quantile',
      options: { jitter: 0 },
      epochs: 100,
      combination: { evidence: 1 },
    },
    published: [],
    trial: async (seed) => halfTrial(table, isAnomaly, seed),
  };
}

/** Cycles from which an engine's windows are taken as healthy; the shortest life in the file is 128 cycles. */
const healthyCycles = 50;
const trainingEngines = 60;
/** Cycles before the failure that count as near it. */
const nearFailure = 30;
const windowSize = 30;

async function openTurbofans(files: DomainFiles): Promise<DomainPart> {
  const sensors = Array.from({ length: 21 }, (_, i) => `sensor ${i + 1}`);
  const settings = ['setting 1', 'setting 2', 'setting 3'];
  const source = await openTable(files.find('cmapss', 'train_FD001.txt'), {
    header: false,
    columnNames: ['engine', 'cycle', ...settings, ...sensors],
  });
  let table: TableSet;
  try {
    const windows = withWindows(source, {
      size: windowSize,
      entity: 'engine',
      time: 'cycle',
      sensors,
      summary: 'stats',
    });
    const deviations = windows.columns
      .map(({ name }) => name)
      .filter((name) => name.includes(': deviation of '));
    // The last values are noise around the windows' means.
    const schema = await inferSchema(windows, {
      drop: [...settings, ...sensors, ...deviations],
      number: ['engine', 'cycle'],
    });
    ({ rows: table } = await readRows(windows, schema));
  } finally {
    source.close();
  }
  const { engine, cycle, features } = takeApart(table);
  const lives = new Map<number, number>();
  for (const [row, each] of engine.entries()) {
    lives.set(each, Math.max(lives.get(each) ?? 0, cycle[row] ?? 0));
  }
  const left = Float32Array.from(engine, (each, row) => (lives.get(each) ?? 0) - (cycle[row] ?? 0));
  const all = [...engine.keys()];
  const trainingRows = all.filter(
    (row) => (engine[row] ?? 0) <= trainingEngines && (cycle[row] ?? 0) <= healthyCycles,
  );
  const testRows = all.filter((row) => (engine[row] ?? 0) > trainingEngines);
  const isNear = Uint8Array.from(left, (cycles) => Number(cycles <= nearFailure));
  const measures = [{ name: 'rank correlation with wear', digits: 4 }, ...detectionMeasures];
  return {
    name: 'cmapss',
    protocol:
      'turbofans (FD001): trained on windows of the first 50 cycles of engines 1 to 60, tested on the whole lives of engines 61 to 100; anomalies are windows that end within 30 cycles of the failure, wear is minus the cycles left',
    measures,
    // Sensors wear together, and in that direction only: docs/decisions/0007.
    choices: {
      whitening: false,
      options: { likelihood: 'student', latentDim: 4, jitter: 0 },
      epochs: 30,
      members: 3,
      combination: { evidence: 1 },
    },
    published: [],
    async trial() {
      const trial = trialOf(features, trainingRows, features, testRows, isNear);
      const wear = Float32Array.from(testRows, (row) => -(left[row] ?? 0));
      const detection = measureDetection(trial.isAnomaly);
      return {
        ...trial,
        measure: (scores) => ({
          'rank correlation with wear': rankCorrelation(scores, wear),
          ...detection(scores),
        }),
      };
    },
  };
}

function takeApart(table: TableSet) {
  const numbers = (name: string): Float32Array => {
    const column = table.columns.find(
      (each): each is NumberColumn => each.name === name && each.kind === 'number',
    );
    return column?.values ?? new Float32Array(table.count);
  };
  const isFeature = ({ name }: TableColumn | CategoryColumn): boolean =>
    name !== 'engine' && name !== 'cycle';
  return {
    engine: numbers('engine'),
    cycle: numbers('cycle'),
    features: { count: table.count, columns: table.columns.filter(isFeature) },
  };
}

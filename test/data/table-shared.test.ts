// Real tables open with sensible schemas: names, kinds and counts that are known of them.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { inferSchema, type SchemaCorrections } from '../../src/data/tables/infer-schema.ts';
import { judgeLabels } from '../../src/data/tables/labels.ts';
import { readRows } from '../../src/data/tables/read-rows.ts';
import { realFolder } from './support.ts';
import { opened } from './table-support.ts';

interface Known {
  readonly folder: string;
  readonly file: string;
  readonly format: string;
  readonly rows: number;
  readonly columns: number;
  readonly anomalies?: number;
  readonly corrections: SchemaCorrections;
  /** Kinds that must be found for columns. */
  readonly kinds: Readonly<Record<string, string>>;
}

const known: readonly Known[] = [
  {
    folder: 'creditcard',
    file: 'creditcard_ulb_subset.csv.gz',
    format: 'csv',
    rows: 34_384,
    columns: 32,
    anomalies: 492,
    corrections: { label: 'Class', drop: ['SampleType'] },
    kinds: { Time: 'number', V1: 'number', Amount: 'number' },
  },
  {
    folder: 'nsl-kdd',
    file: 'KDDTest+.txt',
    format: 'csv',
    rows: 22_544,
    columns: 43,
    anomalies: 12_833,
    corrections: { label: 'column42' },
    kinds: {
      column1: 'number',
      column2: 'category',
      column3: 'category',
      column4: 'category',
      column20: 'constant',
    },
  },
  {
    folder: 'ai4i',
    file: 'ai4i2020.csv',
    format: 'csv',
    rows: 10_000,
    columns: 14,
    anomalies: 339,
    corrections: { label: 'Machine failure' },
    kinds: { UDI: 'identifier', 'Product ID': 'identifier', Type: 'category', 'Torque [Nm]': 'number' },
  },
  {
    folder: 'cmapss',
    file: 'train_FD001.txt',
    format: 'blank-separated',
    rows: 20_631,
    columns: 26,
    corrections: {},
    kinds: { column1: 'number', column2: 'number', column5: 'constant', column26: 'number' },
  },
  {
    folder: 'adbench',
    file: '38_thyroid.npz',
    format: 'npz',
    rows: 3772,
    columns: 7,
    anomalies: 93,
    corrections: { label: 'y' },
    kinds: { x0: 'number', x5: 'number' },
  },
  {
    folder: 'fdh',
    file: 'fdh_transformed_2018-06-25_2018-08-31.csv.gz',
    format: 'csv',
    rows: 651_182,
    columns: 22,
    anomalies: 5822,
    corrections: { label: 'TX_FRAUD', drop: ['TX_FRAUD_SCENARIO'] },
    kinds: {
      TRANSACTION_ID: 'identifier',
      CUSTOMER_ID: 'identifier',
      TX_DATETIME: 'time',
      TX_AMOUNT: 'number',
    },
  },
];

for (const { folder, file, format, rows, columns, anomalies, corrections, kinds } of known) {
  test(`${folder}: ${file}`, async (context) => {
    const place = realFolder(context, folder);
    if (place === undefined) return;
    const source = await opened(context, join(place, file));
    assert.deepEqual([source.format, source.columns.length], [format, columns]);
    const schema = await inferSchema(source, corrections, { sampleRows: 20_000 });
    const found = Object.fromEntries(schema.columns.map(({ name, kind }) => [name, kind]));
    assert.deepEqual({ ...found, ...kinds }, found);
    const { label, total } = await readRows(source, schema);
    assert.equal(total, rows);
    if (label !== undefined) assert.equal(judgeLabels(label).counts.anomalous, anomalies);
  });
}

// Everything that a report shows of a detector of tables: its judgements, why the most anomalous rows are so, its map.
import { selectTableRows, type TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import type { ManifestBody } from '../../detect/manifest.ts';
import { models as modelTable } from '../../models/index.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import { toPoints } from '../generation/points.ts';
import { type Detection, judgeDetection } from './detection.ts';
import { type LatentMap, mapCodes } from './latent-map.ts';
import { describeTable, type TableData } from './table-data.ts';

/** Why one row scores as it does. */
export interface ExplainedRow {
  readonly row: number;
  readonly score: number;
  readonly pValue: number;
  readonly isAnomaly?: boolean;
  /** Each column's part in the score, in the order of the columns; they sum to it. */
  readonly parts: readonly number[];
  /** The row's values as texts. */
  readonly values: readonly string[];
}

export interface TableExhibition {
  readonly data: TableData;
  readonly name: string;
  readonly title: string;
  readonly manifest: ManifestBody;
  readonly detection: Detection;
  readonly isAnomaly?: Uint8Array;
  readonly explained: readonly ExplainedRow[];
  /** Mean part of each column in the scores of the rows that raise an alarm, the first 500 of them. */
  readonly blame: readonly number[];
  readonly map: LatentMap;
  readonly mapRows: readonly number[];
  readonly mapTexts: readonly string[];
}

export interface TableSource {
  readonly name: string;
  readonly detector: Detector<TableSet>;
  readonly rows: TableSet;
  readonly isAnomaly?: Uint8Array | undefined;
  readonly left: TableData['left'];
  readonly mapped?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doing: string, share: number) => void;
}

const mostExplained = 4;
const mostBlamed = 500;
const toldColumns = 5;

/** Gathers it. Throws ABORTED. */
export async function exhibitTable(source: TableSource): Promise<TableExhibition> {
  const { name, detector, rows, isAnomaly, left, mapped = 1500, signal, onProgress = () => {} } = source;
  const run = signal === undefined ? {} : { signal };
  const { manifest } = detector;
  const { score, pValue } = await detector.score(rows, {
    ...run,
    terms: false,
    onProgress: (done, total) => onProgress('scoring rows', done / total),
  });
  const detection = judgeDetection({
    ...{ score, pValue, isAnomaly },
    threshold: detector.threshold(),
    askedRate: manifest.falseAlarmRate,
  });
  onProgress('explaining rows', 0);
  const ordered = Array.from(score.keys()).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const alarmed = ordered.slice(0, Math.max(mostExplained, Math.min(detection.alarms, mostBlamed)));
  const width = rows.columns.length;
  const parts = await detector.explain(selectTableRows(rows, alarmed), run);
  const partsOf = (i: number): number[] => [...parts.subarray(i * width, (i + 1) * width)];
  const blame = rows.columns.map(
    (_, k) =>
      alarmed.reduce((sum, __, i) => sum + (parts[i * width + k] ?? 0), 0) / Math.max(1, alarmed.length),
  );
  const told = [...rows.columns.keys()]
    .sort((a, b) => (blame[b] ?? 0) - (blame[a] ?? 0))
    .slice(0, toldColumns);
  const mapRows =
    rows.count <= mapped
      ? [...score.keys()]
      : [...permutation(rows.count, createRandom('report/map')).subarray(0, mapped)].sort((a, b) => a - b);
  const codes = await detector.encode(selectTableRows(rows, mapRows), run);
  const map = await mapCodes(toPoints(codes, codes.length / Math.max(1, mapRows.length)), {
    ...run,
    onProgress: (share) => onProgress('drawing the t-SNE map', share),
  });
  return {
    data: describeTable(name, rows, isAnomaly, left),
    name: manifest.training.model,
    title: modelTable[manifest.training.model].title,
    manifest,
    detection,
    ...(isAnomaly === undefined ? {} : { isAnomaly }),
    explained: alarmed.slice(0, mostExplained).map((row, i) => ({
      row,
      score: score[row] ?? 0,
      pValue: pValue[row] ?? 1,
      ...(isAnomaly === undefined ? {} : { isAnomaly: isAnomaly[row] === 1 }),
      parts: partsOf(i),
      values: rows.columns.map((_, k) => valueText(rows, k, row)),
    })),
    blame,
    map,
    mapRows,
    mapTexts: mapRows.map((row) =>
      [
        `row ${row + 1}${isAnomaly?.[row] === 1 ? ', an anomaly' : ''}, p ${Number((pValue[row] ?? 1).toPrecision(2))}`,
        ...told.map((k) => `${rows.columns[k]?.name}: ${valueText(rows, k, row)}`),
      ].join('\n'),
    ),
  };
}

function valueText({ columns }: TableSet, k: number, row: number): string {
  const column = columns[k];
  if (column === undefined) return '';
  if (column.kind === 'category') return column.dictionary[column.codes[row] ?? -1] ?? 'missing';
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? 'missing' : String(Number(value.toPrecision(5)));
}

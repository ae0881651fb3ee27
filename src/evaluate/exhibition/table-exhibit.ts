// Everything that a report shows of detectors of tables: their judgements, why the most anomalous rows are so, their maps.
import { selectTableRows, type TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import type { ManifestBody } from '../../detect/manifest.ts';
import { modalityOf } from '../../detect/training-rows.ts';
import { layoutOf } from '../../detect/training-step.ts';
import { models as modelTable } from '../../models/index.ts';
import { kindOf } from '../comparison/generator.ts';
import type { ModelKind } from '../comparison/records.ts';
import { toPoints } from '../generation/points.ts';
import { type Detection, judgeDetection } from './detection.ts';
import { rowsInOrder } from './evenly.ts';
import { type LatentMap, mapCodes } from './latent-map.ts';
import { labelModels, type ModelLabel } from './model-labels.ts';
import { describeTable, type TableData } from './table-data.ts';
import { showTableGeneration, type TableGeneration } from './table-generation.ts';
import { valueText } from './value-text.ts';

/** Why one row scores as it does. */
export interface ExplainedRow {
  /** Its number in the table, 0 for the first. */
  readonly row: number;
  readonly score: number;
  readonly pValue: number;
  readonly isAnomaly?: boolean;
  /** Each column's part in the score, in the order of the columns; they sum to it. */
  readonly parts: readonly number[];
  /** The row's values as texts. */
  readonly values: readonly string[];
}

/** One model and all that is shown of it. */
export interface TableModelExhibit extends ModelLabel {
  readonly title: string;
  readonly kind: ModelKind;
  readonly manifest: ManifestBody;
  readonly parameters: number;
  /** Rows per second. */
  readonly speeds: { readonly scored: number };
  readonly detection: Detection;
  /** The rows with the highest scores. */
  readonly explained: readonly ExplainedRow[];
  /** Of normal rows that raise an alarm those with the highest scores, of missed anomalies those with the lowest. */
  readonly mistakes: {
    readonly falseAlarms: readonly ExplainedRow[];
    readonly missed: readonly ExplainedRow[];
  };
  /** Mean part of each column in the scores of the rows that raise an alarm, the first 500 of them. */
  readonly blame: readonly number[];
  readonly generation: TableGeneration;
  readonly map: LatentMap;
  /** What is said of each row of the map. */
  readonly mapTexts: readonly string[];
}

export interface TableExhibition {
  readonly data: TableData;
  /** Where the judged rows come from, in a sentence. */
  readonly judged: string;
  readonly models: readonly TableModelExhibit[];
  readonly isAnomaly?: Uint8Array;
  /** Judged rows that the maps show, and their numbers in the table, 0 for the first. */
  readonly mapRows: readonly number[];
  readonly mapNumbers: readonly number[];
}

export interface TableSource {
  readonly name: string;
  readonly judged: string;
  readonly detectors: readonly Detector<TableSet>[];
  /** The rows to judge; with `labels`, a class of each by its number in `classNames`. */
  readonly rows: TableSet;
  /** The number of each in the table that they come from, 0 for the first. */
  readonly rowNumbers: ArrayLike<number>;
  readonly isAnomaly?: Uint8Array | undefined;
  readonly classNames?: readonly string[] | undefined;
  readonly left: TableData['left'];
  readonly mapped?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doing: string, share: number) => void;
}

const mostExplained = 4;
const mostMistakes = 8;
const mostBlamed = 500;
const toldColumns = 5;

/** Gathers it. Throws ABORTED. */
export async function exhibitTable(source: TableSource): Promise<TableExhibition> {
  const { name, judged, detectors, rows, rowNumbers, isAnomaly, left, mapped = 1500 } = source;
  const mapRows = rowsInOrder(rows.count, mapped, 'report/map');
  const called = labelModels(detectors.map(({ manifest }) => manifest));
  const models: TableModelExhibit[] = [];
  for (const [i, detector] of detectors.entries()) {
    models.push(await exhibitDetector(source, detector, called[i] as ModelLabel, mapRows));
  }
  return {
    data: describeTable(name, rows, isAnomaly, left),
    judged,
    models,
    ...(isAnomaly === undefined ? {} : { isAnomaly }),
    mapRows,
    mapNumbers: mapRows.map((row) => rowNumbers[row] ?? row),
  };
}

async function exhibitDetector(
  { rows, rowNumbers, isAnomaly, classNames, signal, onProgress = () => {} }: TableSource,
  detector: Detector<TableSet>,
  called: ModelLabel,
  mapRows: readonly number[],
): Promise<TableModelExhibit> {
  const run = signal === undefined ? {} : { signal };
  const { manifest, parts: files } = detector;
  const { model, options } = manifest.training;
  const built = modelTable[model].create(modalityOf(manifest.data, files.weights).domain, options);
  await detector.score(selectTableRows(rows, [0]), { terms: false });
  const began = performance.now();
  const { score, pValue } = await detector.score(rows, {
    ...run,
    terms: false,
    onProgress: (done, total) => onProgress(`${called.label}: scoring rows`, done / total),
  });
  const scored = rows.count / Math.max(1e-3, (performance.now() - began) / 1000);
  const detection = judgeDetection({
    ...{ score, pValue, isAnomaly, labels: rows.labels, classNames },
    threshold: detector.threshold(),
    askedRate: manifest.falseAlarmRate,
  });
  onProgress(`${called.label}: explaining rows`, 0);
  const ordered = Array.from(score.keys()).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const alarmed = ordered.slice(0, Math.max(mostExplained, Math.min(detection.alarms, mostBlamed)));
  const width = rows.columns.length;
  const explainRows = async (some: readonly number[]): Promise<ExplainedRow[]> => {
    const parts = await detector.explain(selectTableRows(rows, some), run);
    return some.map((row, i) => ({
      row: rowNumbers[row] ?? row,
      score: score[row] ?? 0,
      pValue: pValue[row] ?? 1,
      ...(isAnomaly === undefined ? {} : { isAnomaly: isAnomaly[row] === 1 }),
      parts: [...parts.subarray(i * width, (i + 1) * width)],
      values: rows.columns.map((_, k) => valueText(rows, k, row)),
    }));
  };
  const reasons = await explainRows(alarmed);
  const { falseAlarms = [], missed = [] } = detection.truth ?? {};
  const mistakes = {
    falseAlarms: await explainRows(falseAlarms.slice(0, mostMistakes)),
    missed: await explainRows(missed.slice(0, mostMistakes)),
  };
  const blame = rows.columns.map(
    (_, k) => reasons.reduce((sum, { parts }) => sum + (parts[k] ?? 0), 0) / Math.max(1, reasons.length),
  );
  const told = [...rows.columns.keys()]
    .sort((a, b) => (blame[b] ?? 0) - (blame[a] ?? 0))
    .slice(0, toldColumns);
  onProgress(`${called.label}: drawing rows`, 0);
  const normal = Array.from(score.keys()).filter((row) => isAnomaly?.[row] !== 1);
  const generation = await showTableGeneration(detector, selectTableRows(rows, normal));
  const codes = await detector.encode(selectTableRows(rows, mapRows), run);
  const map = await mapCodes(toPoints(codes, codes.length / Math.max(1, mapRows.length)), {
    ...run,
    onProgress: (share) => onProgress(`${called.label}: drawing the t-SNE map`, share),
  });
  return {
    ...called,
    title: modelTable[model].title,
    kind: kindOf(model, built),
    manifest,
    parameters: layoutOf(built).length,
    speeds: { scored },
    detection,
    explained: reasons.slice(0, mostExplained),
    mistakes,
    blame,
    generation,
    map,
    mapTexts: mapRows.map((row) =>
      [
        `row ${rowNumbers[row] ?? row}${isAnomaly?.[row] === 1 ? ', an anomaly' : ''}, p ${Number((pValue[row] ?? 1).toPrecision(2))}`,
        ...told.map((k) => `${rows.columns[k]?.name}: ${valueText(rows, k, row)}`),
      ].join('\n'),
    ),
  };
}

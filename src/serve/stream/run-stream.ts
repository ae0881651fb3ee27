// Messages in, results out: parsed, scored in groups, settled in order; a few groups are under way at once.
import { OddityError } from '../../errors.ts';
import type { ActiveDetector } from '../registry.ts';
import type { FlatRows, RowFormat } from '../rows/format.ts';
import { fillPixels } from '../rows/image-rows.ts';
import { readRecords } from '../rows/table-rows.ts';
import type { Broker, Delivery, Outcome } from './broker.ts';

export interface StreamOptions {
  readonly broker: Broker;
  /** The version at work; asked once for each group, so that a new one takes over between two. */
  readonly active: () => ActiveDetector;
  readonly falseAlarmRate?: number;
  /** A field of each record that is no column but comes back with its result. */
  readonly idField?: string;
  /** Most groups under way; 8 unless given. */
  readonly groups?: number;
  /** A message delivered more often than this without a result is given up; 20 unless given. */
  readonly mostDeliveries?: number;
  readonly onScores?: (active: ActiveDetector, rows: FlatRows, pValues: Float32Array) => void;
}

export interface StreamCounts {
  readonly messages: number;
  readonly anomalies: number;
  readonly refused: number;
}

/** Runs until the broker has no more messages; everything received is settled. Throws what the scorer throws. */
export async function runStream(options: StreamOptions): Promise<StreamCounts> {
  const { broker, active, groups = 8, mostDeliveries = 20, idField, falseAlarmRate, onScores } = options;
  const counts = { messages: 0, anomalies: 0, refused: 0 };
  const judge = async (deliveries: readonly Delivery[]): Promise<Outcome[]> => {
    const detector = active();
    const { format } = detector.scorer;
    const outcomes: Outcome[] = [];
    const values = format.allocate(deliveries.length);
    const good: { readonly delivery: Delivery; readonly place: number; readonly id: unknown }[] = [];
    for (const delivery of deliveries) {
      try {
        if (delivery.deliveries > mostDeliveries) {
          throw new OddityError('BAD_DATA', `delivered ${delivery.deliveries} times without a result`);
        }
        const { row, id } = parseMessage(format, delivery.body, idField);
        values.set(row, good.length * format.width);
        good.push({ delivery, place: outcomes.length, id });
        outcomes.push({ delivery });
      } catch (error) {
        if (!(error instanceof OddityError)) throw error;
        outcomes.push({ delivery, refusal: error.message.replace(/^row 0:? ?/, '') });
        counts.refused++;
      }
    }
    counts.messages += deliveries.length;
    if (good.length === 0) return outcomes;
    const rows: FlatRows = {
      count: good.length,
      values: values.subarray(0, good.length * format.width) as FlatRows['values'],
    };
    const { score, pValue } = await detector.scorer.score(rows);
    onScores?.(detector, rows, pValue);
    const threshold = detector.detector.threshold(falseAlarmRate);
    const tail = `,"detector":${JSON.stringify(detector.name)},"version":"${detector.version}"}`;
    for (const [row, { delivery, place, id }] of good.entries()) {
      const value = score[row] as number;
      const anomaly = value > threshold;
      if (anomaly) counts.anomalies++;
      const key = JSON.stringify(id === undefined ? delivery.id : id);
      const result = `{"id":${key},"score":${value},"pValue":${pValue[row]},"anomaly":${anomaly}${tail}`;
      outcomes[place] = { delivery, result };
    }
    return outcomes;
  };

  const flying = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let before: Promise<unknown> = Promise.resolve();
  for await (const deliveries of broker.receive()) {
    if (failure !== undefined) break;
    const judged = judge(deliveries);
    let called: () => void = () => {};
    const turn = before;
    before = new Promise<void>((resolve) => {
      called = resolve;
    });
    const settled: Promise<void> = Promise.all([judged, turn])
      .then(([outcomes]) => {
        const stored = broker.settle(outcomes);
        called();
        return stored;
      })
      .catch((error) => {
        failure ??= { error };
        called();
        broker.stop();
      })
      .finally(() => flying.delete(settled));
    flying.add(settled);
    if (flying.size >= groups) await Promise.race(flying);
  }
  await Promise.all(flying);
  if (failure !== undefined) throw failure.error;
  return counts;
}

/** The flat row of one message. Throws BAD_DATA that says what is wrong with it. */
function parseMessage(format: RowFormat, body: string, idField: string | undefined) {
  let record: unknown;
  try {
    record = JSON.parse(body);
  } catch (cause) {
    throw new OddityError(
      'BAD_DATA',
      `expected a JSON object, got other text (${(cause as Error).message})`,
      { cause },
    );
  }
  let id: unknown;
  if (idField !== undefined && typeof record === 'object' && record !== null) {
    const { [idField]: given, ...rest } = record as Record<string, unknown>;
    [id, record] = [given, rest];
  }
  if (format.kind === 'table') return { row: readRecords(format, [record]).values, id };
  const image = typeof record === 'object' && record !== null && 'image' in record ? record.image : record;
  const row = format.allocate(1) as Uint8Array;
  fillPixels(row, 0, image, format, 'the image');
  return { row, id };
}

// The last minutes of traffic, for the page that shows it live: rates, a histogram of scores, alarms with reasons.

import type { ActiveDetector } from './registry.ts';
import type { FlatRows, RowFormat } from './rows/format.ts';

export interface Alarm {
  readonly at: string;
  readonly detector: string;
  readonly score: number;
  readonly pValue: number;
  /** Where the score comes from, the most first; empty until explained. */
  reasons: readonly Reason[];
}

export interface Reason {
  /** A column with its value, or a pixel with its place. */
  readonly what: string;
  /** Share of the score's positive contributions. */
  readonly share: number;
}

export interface TrafficFrame {
  readonly requests: number;
  readonly rows: number;
  readonly alarms: number;
  readonly detectors: readonly {
    readonly name: string;
    readonly version: string;
    readonly waiting: number;
    readonly drift: { readonly distance: number; readonly warnings: readonly string[] };
    readonly histogram: { readonly from: number; readonly step: number; readonly counts: readonly number[] };
  }[];
  readonly latest: readonly Alarm[];
}

export interface Traffic {
  observe(
    active: ActiveDetector,
    rows: FlatRows,
    scores: Float32Array,
    pValues: Float32Array,
    limit: number,
  ): number;
  countRequest(): void;
  /** Totals since the last frame, and the state now. */
  frame(): TrafficFrame;
}

const keptAlarms = 20;
const bins = 40;
/** Alarms explained a second: the page needs a few, and explaining costs many times what scoring does. */
const explainedPerSecond = 4;

export function createTraffic(active: () => readonly ActiveDetector[]): Traffic {
  let [requests, rows, alarms] = [0, 0, 0];
  let latest: Alarm[] = [];
  let [second, explained] = [0, 0];
  const histograms = new Map<string, { version: string; from: number; step: number; counts: number[] }>();
  const histogramOf = ({ name, version, detector }: ActiveDetector) => {
    const found = histograms.get(name);
    if (found?.version === version) return found;
    const calibration = detector.parts.weights.tensors.calibration ?? new Float32Array([0, 1]);
    const [low, high] = [calibration[0] ?? 0, calibration.at(-1) ?? 1];
    const from = low;
    const step = Math.max(1e-6, (1.5 * (high - low)) / bins);
    const made = { version, from, step, counts: new Array<number>(bins).fill(0) };
    histograms.set(name, made);
    return made;
  };
  const explain = async (alarm: Alarm, { scorer }: ActiveDetector, row: FlatRows): Promise<void> => {
    alarm.reasons = reasonsOf(scorer.format, row, await scorer.explain(row));
  };
  return {
    observe(detector, { count, values }, scores, pValues, limit) {
      const { from, step, counts } = histogramOf(detector);
      let found = 0;
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) [second, explained] = [now, 0];
      for (let row = 0; row < count; row++) {
        const score = scores[row] as number;
        const bin = Math.min(bins - 1, Math.max(0, Math.floor((score - from) / step)));
        counts[bin] = (counts[bin] ?? 0) + 1;
        if (!(score > limit)) continue;
        found++;
        if (explained >= explainedPerSecond) continue;
        explained++;
        const width = values.length / count;
        const copy = values.slice(row * width, (row + 1) * width) as FlatRows['values'];
        const alarm: Alarm = {
          at: new Date().toISOString(),
          detector: detector.name,
          score,
          pValue: pValues[row] ?? 1,
          reasons: [],
        };
        latest = [alarm, ...latest].slice(0, keptAlarms);
        // A queue that is full has no time for reasons.
        explain(alarm, detector, { count: 1, values: copy }).catch(() => {});
      }
      rows += count;
      alarms += found;
      return found;
    },
    countRequest() {
      requests++;
    },
    frame() {
      const frame: TrafficFrame = {
        requests,
        rows,
        alarms,
        detectors: active().map((each) => {
          const { distance, warnings } = each.drift.report();
          const { from, step, counts } = histogramOf(each);
          const { name, version, scorer } = each;
          return {
            name,
            version,
            waiting: scorer.waiting,
            drift: { distance, warnings },
            histogram: { from, step, counts },
          };
        }),
        latest,
      };
      [requests, rows, alarms] = [0, 0, 0];
      return frame;
    },
  };
}

/** The three largest contributions of a row, in words. */
export function reasonsOf(format: RowFormat, { values }: FlatRows, contributions: Float32Array): Reason[] {
  const total = contributions.reduce((sum, value) => sum + Math.max(0, value), 0);
  return [...contributions.keys()]
    .sort((a, b) => (contributions[b] ?? 0) - (contributions[a] ?? 0))
    .slice(0, 3)
    .map((place) => ({
      what: nameOf(format, place, values[place] ?? Number.NaN),
      share: total > 0 ? Math.max(0, contributions[place] ?? 0) / total : 0,
    }));
}

function nameOf({ kind, columns, shape }: RowFormat, place: number, value: number): string {
  if (kind === 'images') {
    const [, width, channels] = shape;
    const pixel = Math.floor(place / channels);
    return `pixel at row ${Math.floor(pixel / width)}, column ${pixel % width} = ${value}`;
  }
  const column = columns[place];
  const text =
    column?.kind === 'category'
      ? value < 0
        ? 'missing'
        : (column.keys[value] ?? 'a value never seen')
      : Number.isNaN(value)
        ? 'missing'
        : String(Number(value.toPrecision(6)));
  return `${column?.name} = ${text}`;
}

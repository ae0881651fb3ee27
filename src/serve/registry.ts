// The detectors that a server answers for, by name, and how a new version takes the place of an old one: loaded and
// warm before the switch, which falls between two requests. Names are looked up here and never become paths.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowSet } from '../data/rows.ts';
import type { Detector } from '../detect/detector.ts';
import { sha256 } from '../detect/manifest.ts';
import { load } from '../detect/storage.ts';
import { OddityError } from '../errors.ts';
import { createDriftMonitor, type DriftMonitor } from './drift/monitor.ts';
import { driftReferenceOf } from './drift/reference.ts';
import type { Metrics } from './metrics.ts';
import { type Scorer, type ScorerOptions, startScorer } from './scoring/scorer.ts';

/** One version of a detector, at work. */
export interface ActiveDetector {
  readonly name: string;
  /** The first twelve digits of the SHA-256 of its manifest. */
  readonly version: string;
  readonly loadedAt: string;
  readonly detector: Detector<RowSet>;
  readonly scorer: Scorer;
  readonly drift: DriftMonitor;
}

/** What runs, what ran, and what was refused. */
export interface VersionRecord {
  readonly version: string | null;
  readonly state: 'active' | 'replaced' | 'refused';
  readonly at: string;
  /** Why it was refused. */
  readonly reason?: string;
}

export interface Registry {
  readonly names: readonly string[];
  /** Throws NO_DATA for a name that is not served. */
  get(name: string): ActiveDetector;
  /** Newest first. */
  versions(name: string): readonly VersionRecord[];
  /** Looks at every folder once, and switches where it was replaced. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface RegistryOptions extends Omit<ScorerOptions, 'onBatch'> {
  /** How often folders are looked at, in milliseconds; 1,000 unless given, 0 for never. */
  readonly reloadMs?: number;
  readonly metrics: Metrics;
  readonly onNotice?: (text: string) => void;
}

interface Place {
  readonly name: string;
  readonly folder: string | undefined;
  signature: string;
  active: ActiveDetector;
  versions: VersionRecord[];
}

/** How long an old version stays for requests that were being read when it was replaced. */
const graceMilliseconds = 5000;
const keptVersions = 20;
/** Rows a second whose columns are held against the training, by each detector. */
const driftRowsPerSecond = 500;

/** Loads detectors and starts their workers. Throws BAD_DETECTOR, BAD_USAGE. */
export async function openRegistry(
  detectors: Readonly<Record<string, string | Detector<RowSet>>>,
  options: RegistryOptions,
): Promise<Registry> {
  const { metrics, reloadMs = 1000, onNotice = () => {} } = options;
  const activate = async (name: string, source: string | Detector<RowSet>): Promise<ActiveDetector> => {
    // One thread inside the main thread's own copy, which never runs.
    const detector = typeof source === 'string' ? await load<RowSet>(source, { threads: 1 }) : source;
    const version = (await sha256(new TextEncoder().encode(JSON.stringify(detector.manifest)))).slice(0, 12);
    const onBatch = (rows: number): void => metrics.countBatch(name, rows);
    const scorer = await startScorer(detector, { ...options, onBatch });
    const drift = createDriftMonitor(driftReferenceOf(detector.parts), {
      columnRowsPerSecond: driftRowsPerSecond,
    });
    return { name, version, loadedAt: new Date().toISOString(), detector, scorer, drift };
  };
  const places = new Map<string, Place>();
  const place = async (name: string, source: string | Detector<RowSet>): Promise<void> => {
    const folder = typeof source === 'string' ? source : undefined;
    const signature = folder === undefined ? '' : await signatureOf(folder);
    const active = await activate(name, source);
    const versions: VersionRecord[] = [{ version: active.version, state: 'active', at: active.loadedAt }];
    places.set(name, { name, folder, signature, active, versions });
  };
  try {
    for (const [name, source] of Object.entries(detectors)) await place(name, source);
  } catch (error) {
    for (const { active } of places.values()) await active.scorer.close();
    throw error;
  }
  const leaving = new Set<Scorer>();
  const retire = ({ scorer }: ActiveDetector): void => {
    leaving.add(scorer);
    const timer = setTimeout(() => {
      leaving.delete(scorer);
      scorer.close().catch(() => {});
    }, graceMilliseconds);
    timer.unref();
  };
  const record = (place: Place, entry: VersionRecord): void => {
    const older = place.versions.map((each) =>
      each.state === 'active' && entry.state === 'active' ? { ...each, state: 'replaced' as const } : each,
    );
    place.versions = [entry, ...older].slice(0, keptVersions);
  };
  const refreshPlace = async (place: Place): Promise<void> => {
    const { folder, name } = place;
    if (folder === undefined) return;
    const signature = await signatureOf(folder);
    // A folder that is away for the moment between two renames is no news.
    if (signature === place.signature || signature === '') return;
    place.signature = signature;
    const at = new Date().toISOString();
    try {
      const next = await activate(name, folder);
      if (next.version === place.active.version) {
        await next.scorer.close();
        return;
      }
      const old = place.active;
      place.active = next;
      record(place, { version: next.version, state: 'active', at: next.loadedAt });
      metrics.countReload(name, 'loaded');
      onNotice(`${name}: version ${next.version} has taken the place of ${old.version}`);
      retire(old);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      record(place, { version: null, state: 'refused', at, reason });
      metrics.countReload(name, 'refused');
      onNotice(`${name}: a new version was refused, ${place.active.version} keeps serving: ${reason}`);
    }
  };
  let refreshing: Promise<void> | undefined;
  const refresh = (): Promise<void> => {
    refreshing ??= (async () => {
      for (const place of places.values()) await refreshPlace(place);
    })().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };
  const timer = reloadMs > 0 ? setInterval(() => refresh().catch(() => {}), reloadMs) : undefined;
  timer?.unref();
  const find = (name: string): Place => {
    const found = places.get(name);
    if (found !== undefined) return found;
    throw new OddityError(
      'NO_DATA',
      `no detector of that name is served here; there are ${[...places.keys()].join(', ')}`,
    );
  };
  return {
    names: [...places.keys()],
    get: (name) => find(name).active,
    versions: (name) => find(name).versions,
    refresh,
    async close() {
      clearInterval(timer);
      await refreshing?.catch(() => {});
      const scorers = [...places.values()].map(({ active }) => active.scorer);
      await Promise.all([...scorers, ...leaving].map((scorer) => scorer.close()));
      leaving.clear();
    },
  };
}

/** What tells whether anything in a folder was written since: names, sizes, times and inodes. */
async function signatureOf(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const parts = names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return `${name}:${found?.size}:${found?.mtimeMs}:${found?.ino}`;
    });
  return (await Promise.all(parts)).join('\n');
}

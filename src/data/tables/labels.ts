// What a label column says: which of its values mean normal, and so which rows are anomalies.
// Free of Node: the same words mean the same in a browser.
import { OddityError } from '../../errors.ts';
import type { CategoryColumn } from '../table.ts';
import { nearestName } from './nearest-name.ts';
import { quoteName } from './schema.ts';

export interface JudgedLabels {
  /** 1 where a row is labelled an anomaly. */
  readonly isAnomaly: Uint8Array;
  /** 0 where the label is missing. */
  readonly isLabelled: Uint8Array;
  readonly counts: { readonly normal: number; readonly anomalous: number; readonly unlabelled: number };
  /** The values taken as normal. */
  readonly normal: readonly string[];
}

/** Names that speak for themselves; everything beside one of them is anomalous. */
const normalWords = ['normal', 'benign', 'ok', 'good', 'legit', 'legitimate', 'genuine', 'inlier', 'healthy'];
const truthWords: readonly (readonly [normal: string, anomalous: string])[] = [
  ['0', '1'],
  ['0.0', '1.0'],
  ['false', 'true'],
  ['f', 't'],
  ['no', 'yes'],
  ['n', 'y'],
];

/**
 * Tells normal rows from anomalies: by `normal`, or by names that speak for themselves (0 and 1, false and true,
 * 'normal' and other words). Rows without a label are neither.
 * @throws OddityError BAD_USAGE for unknown or ambiguous values, listing the choices; BAD_DATA where no row is normal.
 */
export function judgeLabels(
  label: CategoryColumn,
  options: { readonly normal?: readonly string[] } = {},
): JudgedLabels {
  const met = countValues(label);
  const normal = options.normal ?? tellNormal(label, met);
  const missing = (options.normal ?? []).filter((value) => !met.has(value));
  if (missing.length > 0 && missing.length === normal.length) {
    const near = nearestName(missing[0] ?? '', [...met.keys()]);
    throw new OddityError(
      'BAD_USAGE',
      `--normal: expected values of the label ${quoteName(label.name)} (${listValues(met)}), got ${missing
        .map(quoteName)
        .join(', ')}; ${near === undefined ? 'choose from these' : `did you mean ${quoteName(near)}?`}`,
      { data: { missing, values: [...met.keys()] } },
    );
  }
  const isNormal = label.dictionary.map((value) => normal.includes(value));
  const isAnomaly = new Uint8Array(label.codes.length);
  const isLabelled = new Uint8Array(label.codes.length);
  const counts = { normal: 0, anomalous: 0, unlabelled: 0 };
  for (let i = 0; i < label.codes.length; i++) {
    const code = label.codes[i] ?? -1;
    if (code < 0) counts.unlabelled++;
    else {
      isLabelled[i] = 1;
      if (isNormal[code] === true) counts.normal++;
      else {
        isAnomaly[i] = 1;
        counts.anomalous++;
      }
    }
  }
  return { isAnomaly, isLabelled, counts, normal };
}

/** Fails where a detector cannot learn or be calibrated from such labels. Throws BAD_DATA. */
export function requireNormalRows({ counts, normal }: JudgedLabels, name: string): void {
  if (counts.normal > 0) return;
  const got =
    counts.anomalous === 0
      ? `${counts.unlabelled} rows without a label`
      : `${counts.anomalous} anomalous rows and none that is normal`;
  throw new OddityError(
    'BAD_DATA',
    `${name}: expected rows labelled ${normal.map(quoteName).join(' or ')}, got ${got}; say which values are normal with --normal`,
    { data: { ...counts } },
  );
}

/** How often each value occurs. */
function countValues({ codes, dictionary }: CategoryColumn): ReadonlyMap<string, number> {
  const counts = new Float64Array(dictionary.length);
  for (const code of codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
  return new Map(dictionary.flatMap((value, i) => (counts[i] ? [[value, counts[i] ?? 0] as const] : [])));
}

function tellNormal(label: CategoryColumn, met: ReadonlyMap<string, number>): readonly string[] {
  const values = [...met.keys()];
  const lower = values.map((value) => value.trim().toLowerCase());
  for (const pair of truthWords) {
    if (!lower.every((value) => pair.includes(value))) continue;
    const normal = values.filter((_, i) => lower[i] === pair[0]);
    return normal.length > 0 ? normal : [pair[0]];
  }
  const named = values.filter((_, i) => normalWords.includes(lower[i]?.replace(/\.$/, '') ?? ''));
  if (named.length > 0) return named;
  throw new OddityError(
    'BAD_USAGE',
    `label ${quoteName(label.name)}: expected 0 and 1, true and false, or 'normal' and other words, got ${listValues(met)}; say which are normal with --normal`,
    { data: { values } },
  );
}

function listValues(met: ReadonlyMap<string, number>): string {
  const values = [...met].sort((a, b) => b[1] - a[1]).map(([value]) => quoteName(value));
  return values.length > 8
    ? `${values.slice(0, 8).join(', ')} and ${values.length - 8} more`
    : values.join(', ');
}

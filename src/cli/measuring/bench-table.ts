// The table of a benchmark: our row, the published ones, and each of our scores alone.
import type { ProtocolResult } from '../../evaluate/protocols.ts';
import { formatDuration, formatShare } from '../../report/format.ts';
import { alignPairs, alignRows } from '../text-table.ts';

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** AUROC in percent per class and on average, with footnotes, wall time and false alarms. */
export function describeProtocol(result: ProtocolResult): string {
  const { title, classes, perClass, mean, deviation, published, cells, seeds, seconds } = result;
  const all = classes.length === 10;
  const percent = (value: number) => value.toFixed(value === 100 ? 0 : 1);
  const ours = [
    'Oddity',
    ...perClass.map((value) => value.toFixed(1)),
    mean.toFixed(2),
    ...(seeds > 1 ? [`±${deviation.toFixed(2)}`] : []),
  ];
  const theirs = published.map((row) => {
    const values =
      row.perClass === undefined ? [] : classes.map((label) => row.perClass?.[label] ?? Number.NaN);
    const marks = `${row.unchecked ? ' *' : ''}${row.usesLabels ? ' †' : ''}`;
    const average = all ? row.mean.toFixed(2) : values.length > 0 ? meanOf(values).toFixed(2) : '-';
    return [
      `${row.method}${marks}`,
      ...classes.map((_, i) => (values[i] === undefined ? '-' : percent(values[i]))),
      average,
    ];
  });
  const termNames = Object.keys(cells[0]?.terms ?? {});
  const terms = termNames.map((name) => {
    const values = classes.map(
      (label) =>
        100 *
        meanOf(cells.filter((cell) => cell.class === label).map((cell) => cell.terms[name] ?? Number.NaN)),
    );
    return [`  ${name}`, ...values.map(percent), meanOf(values).toFixed(2)];
  });
  const short = classes.map(String);
  const footnotes = [
    ...(published.some((row) => row.unchecked) ? ['* from memory of the paper, still to be checked'] : []),
    ...(published.some((row) => row.usesLabels) ? ["† trained with the normal classes' labels"] : []),
  ];
  return [
    `${title}: AUROC in percent on all test images${seeds > 1 ? `, ${seeds} seeds` : ''}`,
    '',
    alignRows([
      ['', ...short, 'mean'],
      ours,
      ...theirs,
      ['', ...short.map(() => ''), ''],
      ["each of Oddity's scores alone", ...short.map(() => ''), ''],
      ...terms,
    ]),
    ...(footnotes.length > 0 ? ['', ...footnotes] : []),
    '',
    alignPairs([
      [
        'time',
        `${formatDuration(seconds)} for ${cells.length} ${cells.length === 1 ? 'detector' : 'detectors'}, training and scoring`,
      ],
      [
        'false alarms',
        `asked ${formatShare(result.falseAlarmRateAsked)}, measured ${formatShare(meanOf(cells.map((cell) => cell.falseAlarmRate)))} of normal test images`,
      ],
    ]),
  ].join('\n');
}

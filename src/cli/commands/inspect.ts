// `oddity inspect`: what a saved detector is, was trained on, and can promise.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableReading } from '../../data/tables/reading.ts';
import { type Detector, fileNames } from '../../detect/detector.ts';
import { load, manifestFile } from '../../detect/storage.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import { defineCommand } from '../command.ts';
import { describeClasses } from '../data.ts';
import { describeNormal, describeSchema } from '../tables/describe.ts';
import { listed, readingOf } from '../tables/source.ts';
import { alignPairs, alignRows } from '../text-table.ts';
import { describeRates, smallestRate } from '../training/summary.ts';

type Details = Detector['manifest'] & {
  readonly files: Readonly<Record<string, number>>;
  readonly smallestFalseAlarmRate: number;
};

export const inspect = defineCommand<object>({
  usage: 'inspect <detector>',
  summary: 'show what a detector is and what it can promise',
  arguments: { detector: 'folder that train wrote' },
  examples: ['inspect runs/three', 'inspect runs/three --json'],
  flags: (command) => command,
  async run(context, _, folder = '') {
    const { manifest } = await load(folder);
    const files: Record<string, number> = {};
    for (const name of [manifestFile, ...Object.values(fileNames)]) {
      files[name] = (await stat(join(folder, name))).size;
    }
    const details = {
      ...manifest,
      files,
      smallestFalseAlarmRate: smallestRate(manifest.data.rows.calibration),
    };
    const reading = manifest.data.encoding === undefined ? undefined : readingOf({ manifest }, folder);
    context.print({ detector: folder, ...details }, () => describe(details, reading));
  },
});

function describe(details: Details, reading?: TableReading): string {
  const { training, data, history, standards, files } = details;
  const { scoring, adam, options, ...settings } = training;
  const rows = Object.entries(data.rows).map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`);
  const list = (values: object): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  const { combination, ...rest } = scoring;
  const names = [...new Set(history.flatMap(({ losses }) => Object.keys(losses)))];
  const watched = [...new Set(history.flatMap(({ watched }) => Object.keys(watched?.measures ?? {})))];
  const cell = (value: number | undefined): string => (value === undefined ? '' : formatNumber(value));
  return [
    alignPairs([
      ...(reading === undefined
        ? [
            ['data', `${data.name}, ${data.shape.join(' x ')}`] as const,
            ['normal', describeClasses(data.normalClasses, data.classNames) || 'all'] as const,
          ]
        : describeTable(data, reading)),
      ['rows', rows.join(', ')],
      [
        'trained',
        `${details.created.slice(0, 19).replace('T', ' ')} UTC in ${formatDuration(details.seconds)}`,
      ],
      ['false alarms', describeRates(details.falseAlarmRate, details.smallestFalseAlarmRate)],
      ['settings', list(settings)],
      ['model', list(options)],
      ['optimiser', list(adam)],
      ['scoring', list(rest)],
    ]),
    '',
    alignRows([
      ['score', 'weight', 'centre', 'spread'],
      ...Object.entries(standards).map(([name, { center, spread }]) => [
        name,
        String(combination[name] ?? 0),
        formatNumber(center),
        formatNumber(spread),
      ]),
    ]),
    '',
    alignRows([
      ['epoch', ...names, ...watched, 'seconds'],
      ...history.map(({ member, epoch, losses, watched: look, seconds }) => [
        training.members > 1 ? `${member + 1}/${epoch}` : String(epoch),
        ...names.map((name) => cell(losses[name])),
        ...watched.map((name) => cell(look?.measures[name])),
        formatNumber(seconds),
      ]),
    ]),
    ...history.flatMap(({ epoch, watched: look }) =>
      look?.warning === undefined ? [] : [`epoch ${epoch}: ${look.warning}`],
    ),
    '',
    ...(reading === undefined ? [] : [describeSchema(reading.schema), '']),
    alignRows([
      ['file', 'bytes'],
      ...Object.entries(files).map(([name, size]) => [name, size.toLocaleString('en-US')]),
    ]),
  ].join('\n');
}

function describeTable(
  { name, shape, encoding }: Details['data'],
  { schema, profiles, windows }: TableReading,
): (readonly [string, string])[] {
  return [
    ['data', `${name}, ${encoding?.columns.length} columns as ${shape[0] * shape[1] * shape[2]} features`],
    ['normal', describeNormal(schema)],
    ...(profiles === undefined
      ? []
      : [['profiles', `of ${profiles.entities.join(', ')} over ${profiles.days.join(', ')} days`] as const]),
    ...(windows === undefined
      ? []
      : [['windows', `${windows.size} rows of ${listed(windows.sensors)}`] as const]),
  ];
}

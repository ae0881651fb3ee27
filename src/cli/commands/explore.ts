// `oddity explore`: the data before any model, as a page with pictures.
import { join } from 'node:path';
import { describeImages } from '../../evaluate/exhibition/image-data.ts';
import { formatShare } from '../../report/format.ts';
import { defineCommand } from '../command.ts';
import { openData } from '../data.ts';
import { list } from '../flags.ts';
import { checkOutputFolder } from '../output-file.ts';
import { exploreTable } from '../report/table-data.ts';
import { writeReport } from '../report/write.ts';
import { isTablePath } from '../tables/kind.ts';
import { alignPairs } from '../text-table.ts';

interface Flags {
  readonly out: string;
  readonly label?: string;
  readonly normal?: readonly string[];
}

export const explore = defineCommand<Flags>({
  usage: 'explore <data>',
  summary: 'look at data before any model: samples, balance, ranges, distributions',
  arguments: {
    data: 'mnist, fashion-mnist, digits, a path of images, or a table (CSV, Parquet, JSON lines, ...)',
  },
  examples: ['explore mnist', 'explore transactions.csv --label fraud --out look'],
  flags(command) {
    return command
      .option('--out <folder>', 'where the page and its figures go (default: explored)', 'explored')
      .option(
        '--label <column>',
        "a table's column that says which rows are anomalies (default: told by its name)",
      )
      .option('--normal <values>', 'its values that mean normal, comma-separated', list);
  },
  async run(context, flags, path = '') {
    await checkOutputFolder(flags.out);
    const data = (await isTablePath(path))
      ? await exploreTable(context, path, flags)
      : describeImages(await openData(context, path));
    const { dataSection } = await import('../../report/sections/data.ts');
    const { markup } = await import('../../report/page/markup.ts');
    const section = await dataSection(data);
    const size =
      data.kind === 'images'
        ? `${data.train.toLocaleString('en-US')} training and ${data.test.toLocaleString('en-US')} test images`
        : `${data.rows.toLocaleString('en-US')} rows, ${data.columns.length} columns`;
    const page = await writeReport(context, flags.out, 'explore.html', {
      title: `${data.name} before any model`,
      subtitle: size,
      summary: markup``,
      sections: [section],
    });
    const result = { data: data.name, out: flags.out, page };
    context.print(
      data.kind === 'images'
        ? {
            ...result,
            classes: data.classes.map(({ name, train, test }) => ({ name, train, test })),
            ranges: data.ranges,
          }
        : { ...result, rows: data.rows, anomalous: data.anomalous, columns: data.columns },
      () =>
        alignPairs([
          ['data', `${data.name}: ${size}`],
          ...(data.kind === 'table' && data.anomalous !== undefined
            ? [
                [
                  'anomalous',
                  `${data.anomalous.toLocaleString('en-US')} rows, ${formatShare(data.anomalous / data.rows)}`,
                ] as const,
              ]
            : []),
          ['page', page],
          ['figures', join(flags.out, 'figures')],
        ]),
    );
  },
});

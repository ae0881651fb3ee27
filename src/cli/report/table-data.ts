// From a table's path to what a page shows of it.
import { describeTable, type TableData } from '../../evaluate/exhibition/table-data.ts';
import type { Context } from '../context.ts';

interface TableFlags {
  readonly label?: string;
  readonly normal?: readonly string[];
}

const mostRows = 200_000;

/** Reads a sample of the rows and describes them. Throws as `openTable` and `readRows` do. */
export async function exploreTable(
  context: Context,
  path: string,
  { label, normal }: TableFlags,
): Promise<TableData> {
  const { openTable } = await import('../../data/tables/source.ts');
  const { inferSchema } = await import('../../data/tables/infer-schema.ts');
  const { readRows } = await import('../../data/tables/read-rows.ts');
  const { judgeLabels } = await import('../../data/tables/labels.ts');
  const progress = context.progress();
  progress.update(0.1, `reading ${path}`);
  const source = await openTable(path);
  try {
    const schema = await inferSchema(source, {
      ...(label === undefined ? {} : { label }),
      ...(normal === undefined ? {} : { normal: [...normal] }),
    });
    progress.update(0.4, `reading ${path}`);
    const { rows, label: labels, total } = await readRows(source, schema, { sampleRows: mostRows });
    progress.update(0.8, 'looking at its columns');
    const judged =
      labels === undefined ? undefined : judgeLabels(labels, normal === undefined ? {} : { normal });
    const left = schema.columns
      .filter(({ kind }) => kind !== 'number' && kind !== 'category')
      .map(({ name, kind, why }) => ({ name, why: why === undefined ? kind : `${kind}: ${why}` }));
    if (total > rows.count) {
      context.note(
        `looking at ${rows.count.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows, drawn at random`,
      );
    }
    return describeTable(path.split('/').at(-1) ?? path, rows, judged?.isAnomaly, left);
  } finally {
    progress.stop();
    await source.close();
  }
}

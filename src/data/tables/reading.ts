// How a table was read for a training, kept in the detector's manifest, so that later tables are read alike.
import { z } from 'zod';
import { OddityError } from '../../errors.ts';
import { profileOptions, withProfiles } from './profiles.ts';
import { requireNames, tableSchema } from './schema.ts';
import { type OpenTableOptions, openTable } from './source.ts';
import type { TableSource } from './table-source.ts';
import { windowOptions, withWindows } from './windows.ts';

export const tableReading = z.strictObject({
  kind: z.literal('table'),
  schema: tableSchema,
  /** As `openTable` takes them, where the user gave them. */
  header: z.boolean().exactOptional(),
  columnNames: z.array(z.string()).exactOptional(),
  /** Columns that are made from other rows: of each entity's past, or of a sliding window. */
  profiles: profileOptions.exactOptional(),
  windows: windowOptions.exactOptional(),
});
export type TableReading = z.infer<typeof tableReading>;

/** Checks what a manifest keeps. Throws BAD_DETECTOR. */
export function parseReading(stored: unknown, folder: string): TableReading {
  const parsed = tableReading.safeParse(stored);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new OddityError(
    'BAD_DETECTOR',
    `${folder} says nothing that can be read of how its table is read (${issue?.path.join('.')}: ${issue?.message}); train again.`,
    { data: { issues: parsed.error.issues } },
  );
}

/**
 * A table opened, and widened by the columns that come from other rows.
 * @throws OddityError BAD_DATA where it lacks a column that those are made from, and what `openTable` throws.
 */
export async function openLike(
  path: string,
  reading: Pick<TableReading, 'header' | 'columnNames' | 'profiles' | 'windows'>,
  options: OpenTableOptions & { readonly history?: string } = {},
): Promise<TableSource> {
  const { header, columnNames, profiles, windows } = reading;
  const { history, ...rest } = options;
  const source = await openTable(path, {
    ...(header === undefined ? {} : { header }),
    ...(columnNames === undefined ? {} : { columnNames }),
    ...rest,
  });
  try {
    const names = source.columns.map(({ name }) => name);
    requireNames(columnsUsed(reading), source.columns, names, source.name);
    if (windows !== undefined) return withWindows(source, windows);
    return profiles === undefined ? source : await withProfiles(source, profiles, history);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The columns that profiles and windows are made from; the labels of a risk may be those of its history alone. */
function columnsUsed({ profiles, windows }: Pick<TableReading, 'profiles' | 'windows'>): readonly string[] {
  if (windows !== undefined) {
    return [windows.entity, windows.time, ...windows.sensors].filter((name) => name !== undefined);
  }
  return profiles === undefined ? [] : [profiles.time, ...profiles.entities, ...profiles.amounts];
}

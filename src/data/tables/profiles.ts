// Rolling profiles: what each customer, card or terminal did before, as columns beside its rows.
// As SQL around a source, so that training, scoring and streaming see the same numbers; never a look ahead.
import { z } from 'zod';
import { OddityError } from '../../errors.ts';
import type { TableSource } from './source.ts';

export const profileOptions = z.strictObject({
  /** Column of dates, or of seconds. */
  time: z.string(),
  entities: z.array(z.string()).min(1),
  /** Number columns whose mean, deviation and ratio to habit are followed. */
  amounts: z.array(z.string()).default([]),
  /** Lengths of the windows in days, shortest first; habit is the longest. */
  days: z.array(z.number().positive()).min(1).default([1, 7, 30]),
  /** Label column whose past is a risk; known `delayDays` after the row. */
  risk: z
    .strictObject({ column: z.string(), normal: z.array(z.string()), delayDays: z.number().min(0) })
    .exactOptional(),
});
export type ProfileOptions = z.infer<typeof profileOptions>;

/**
 * The source with profile columns beside its own. `history` is a path to rows that came before: they fill the
 * windows and are not rows of the result. Throws BAD_USAGE for unknown columns, BAD_DATA for bad times.
 */
export function withProfiles(
  _source: TableSource,
  _options: ProfileOptions,
  _history?: string,
): Promise<TableSource> {
  throw new OddityError('UNSUPPORTED', 'withProfiles: not written yet');
}

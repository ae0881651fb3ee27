// Sliding windows over sensor series: each row with the last values of every sensor, never across entities.
// As SQL around a source, like profiles.
import { z } from 'zod';
import { OddityError } from '../../errors.ts';
import type { TableSource } from './source.ts';

export const windowOptions = z.strictObject({
  /** Rows in a window, the row itself the last. */
  size: z.int().min(2).max(1024),
  entity: z.string().exactOptional(),
  /** Order within an entity; the order of the file unless given. */
  time: z.string().exactOptional(),
  /** The sensors. */
  sensors: z.array(z.string()).min(1),
  /** `stats`: mean, deviation, slope and last value of each sensor; `flat`: all its values, oldest first. */
  summary: z.enum(['stats', 'flat']).default('stats'),
});
export type WindowOptions = z.infer<typeof windowOptions>;

/** The source with window columns; rows with less than a full window before them are left out. Throws BAD_USAGE. */
export function withWindows(_source: TableSource, _options: WindowOptions): Promise<TableSource> {
  throw new OddityError('UNSUPPORTED', 'withWindows: not written yet');
}

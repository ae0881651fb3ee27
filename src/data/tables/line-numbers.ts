// On which lines places of a file lie. DuckDB counts records instead, and a quoted value may have many lines.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** The lines, 1 first, of byte positions in ascending order, in the content of a file that may be gzipped. */
export async function lineNumbersAt(
  file: string,
  gzip: boolean,
  positions: readonly number[],
): Promise<number[]> {
  const lines: number[] = [];
  const bytes = createReadStream(file, { highWaterMark: 1 << 20 });
  const chunks: AsyncIterable<Buffer> = gzip ? bytes.pipe(createGunzip()) : bytes;
  let line = 1;
  let start = 0;
  for await (const chunk of chunks) {
    let from = 0;
    let end = chunk.indexOf(10);
    while (lines.length < positions.length) {
      const at = (positions[lines.length] ?? 0) - start;
      while (end >= 0 && end < at) {
        line++;
        from = end + 1;
        end = chunk.indexOf(10, from);
      }
      if (at > chunk.length) break;
      lines.push(line);
    }
    if (lines.length === positions.length) break;
    start += chunk.length;
  }
  while (lines.length < positions.length) lines.push(line);
  return lines;
}

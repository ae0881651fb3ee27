// The numbers behind a picture, and the CSV that a reader takes away.

export type Cell = string | number | undefined;

export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** RFC 4180: commas, CRLF, quotes where they are needed; six significant digits. */
export function toCsv({ columns, rows }: DataTable): string {
  return [columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n');
}

function csvCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(Number(cell.toPrecision(6))) : '';
  // A text that begins like a formula is one to a spreadsheet.
  const text = /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The CSV as an address that a link can download from, with no network. */
export const csvAddress = (table: DataTable): string =>
  `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${toCsv(table)}`).replaceAll('%2C', ',')}`;

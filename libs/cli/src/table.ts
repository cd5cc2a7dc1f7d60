/** A column: its head and the text of a row. */
export interface Column<T> {
  readonly head: string;
  readonly text: (row: T) => string;
  readonly alignRight?: boolean;
}

/** Rows under heads, columns as wide as their widest text. */
export function tableText<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, index) =>
          columns[index]?.alignRight === true
            ? cell.padStart(widths[index] ?? 0)
            : cell.padEnd(widths[index] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `12.3 MiB`; '–' for 0, which stands for not known. */
export function bytesText(bytes: number): string {
  if (bytes <= 0) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `135 M` */
export function countText(count: number): string {
  if (count <= 0) return '–';
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} B` : `${Math.round(count / 1e6)} M`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes for people: `98.4 MB`. */
export function byteText(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
}

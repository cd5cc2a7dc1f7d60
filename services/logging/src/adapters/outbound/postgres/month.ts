/** The number of the month that a time lies in, from 0 for January 1970, by UTC. */
export function monthOf(timeMs: number): number {
  const time = new Date(timeMs);
  return (time.getUTCFullYear() - 1970) * 12 + time.getUTCMonth();
}

/** When a month begins, in milliseconds since 1970. */
export function monthStartMs(month: number): number {
  return Date.UTC(1970, month);
}

/** The partition of a month: `events_y2026m01`. */
export function monthName(month: number): string {
  const [year = '', number = ''] = new Date(monthStartMs(month)).toISOString().split('-');
  return `events_y${year}m${number}`;
}

/** The month of a partition; undefined for a name that is none. */
export function monthOfName(name: string): number | undefined {
  const [, year, number] = /^events_y(\d{4})m(\d{2})$/.exec(name) ?? [];
  return year === undefined ? undefined : (Number(year) - 1970) * 12 + Number(number) - 1;
}

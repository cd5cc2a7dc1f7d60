/** One thing that `parley doctor` looked at. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** Whether Parley cannot run as it should without it. */
  readonly required: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** One line per finding, with what to do below those that are not well. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .flatMap(({ name, ok, required, detail, hint }) => {
      const mark = ok ? '✓' : required ? '✗' : '–';
      const line = `${mark} ${name.padEnd(width)}  ${detail}`;
      return ok || hint === undefined ? [line] : [line, `  ${' '.repeat(width)}  ${hint}`];
    })
    .join('\n');
}

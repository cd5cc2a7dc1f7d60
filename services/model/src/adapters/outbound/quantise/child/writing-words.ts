const mebibyte = 1024 * 1024;

/** What llama.cpp says while it quantises: one line for each tensor, sizes at the end. */
export class WritingWords {
  /** Of the result's tensors; 0 while it has not been said. */
  bytes = 0;
  /** Of the source's tensors. */
  sourceBytes = 0;
  /** Why it failed, in its own words. */
  fault = 'llama.cpp gave no reason';
  readonly #counts = new Map<string, number>();
  readonly #onShare: (share: number) => void;
  #rest = '';

  constructor(onShare: (share: number) => void) {
    this.#onShare = onShare;
  }

  /** Formats of the source's matrices, the most frequent first. */
  get formats(): string[] {
    return [...this.#counts].sort(([, a], [, b]) => b - a).map(([format]) => format);
  }

  /** Takes pieces of lines. */
  hear(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const [, which, size] = /(model|quant) size\s*=\s*([\d.]+) MiB/.exec(line) ?? [];
    if (which === 'model') this.sourceBytes = Math.ceil(Number(size) * mebibyte);
    if (which === 'quant') this.bytes = Math.ceil(Number(size) * mebibyte);
    // The line of the tensor at which it failed ends in the reason.
    const fault = /failed to quantize: (.+)$/.exec(line)?.[1];
    // Folders are nobody's business.
    if (fault !== undefined)
      this.fault = fault
        .trim()
        .replace(/^llama_\w+: /, '')
        .replace(/[/\\]\S*[/\\]/g, '');
    const tensor = /^\[\s*(\d+)\/\s*(\d+)\].*\[\s*\d+,\s*(\d+),.*type =\s*(\w+),/.exec(line);
    if (tensor !== null) this.#tensor(tensor.slice(1));
  }

  #tensor([at = '0', of = '1', rows = '1', format = '']: readonly string[]): void {
    // Vectors stay as they are.
    if (Number(rows) > 1) this.#counts.set(format, (this.#counts.get(format) ?? 0) + 1);
    this.#onShare(Number(at) / Number(of));
  }
}

import { randomBytes } from 'node:crypto';
import { ParleyError } from '@parley/kernel';

/** A stretch of a rendered prompt. Text of users is never trusted to hold control tokens. */
export interface PromptPiece {
  readonly text: string;
  readonly trusted: boolean;
}

/** Around what stands for a text while the template runs; private-use characters, so no template uses them. */
const open = '\u{E000}';
const close = '\u{E001}';

/** Nothing that spells a control token, or that JSON writes otherwise. */
const harmless = /^[\p{L}\p{N} .,:;!?'()/_-]*$/u;

/** Texts taken out of a rendering, each with a mark in its place that no user can guess. */
export class StandIns {
  readonly #nonce = randomBytes(12).toString('hex');
  readonly #texts: string[] = [];

  /** White space around the text stays in sight, because templates trim it. */
  put(text: string): string {
    const core = text.trim();
    if (core === '') return text;
    const start = text.indexOf(core);
    return text.slice(0, start) + this.#mark(core) + text.slice(start + core.length);
  }

  /** The same value with stand-ins for the texts in it, which the template writes as JSON. */
  putJson(value: unknown): unknown {
    if (typeof value === 'string')
      return harmless.test(value) ? value : this.#mark(JSON.stringify(value).slice(1, -1));
    if (Array.isArray(value)) return value.map((one) => this.putJson(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [String(this.putJson(key)), this.putJson(member)]),
    );
  }

  /** @throws ParleyError `unsupported` when the template took a stand-in apart. */
  replace(rendered: string): PromptPiece[] {
    const parts = rendered.split(new RegExp(`${open}${this.#nonce}:(\\d+)${close}`, 'u'));
    const pieces: PromptPiece[] = [];
    for (const [index, part] of parts.entries()) {
      const trusted = index % 2 === 0;
      if (trusted && (part.includes(open) || part.includes(close))) throw changesText();
      const text = trusted ? part : (this.#texts[Number(part)] ?? '');
      if (text !== '') pieces.push({ text, trusted });
    }
    return pieces;
  }

  #mark(text: string): string {
    this.#texts.push(text);
    return `${open}${this.#nonce}:${this.#texts.length - 1}${close}`;
  }
}

export function changesText(): ParleyError {
  return new ParleyError(
    'unsupported',
    "The model's chat template changes the text of messages; it cannot be used.",
  );
}

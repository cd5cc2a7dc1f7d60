import { randomBytes } from 'node:crypto';
import { Template } from '@huggingface/jinja';
import { ParleyError } from '@parley/kernel';
import type { ChatMessage } from '../../../../ports/engine.ts';

/** A stretch of a rendered prompt. Text of users is never trusted to hold control tokens. */
export interface PromptPiece {
  readonly text: string;
  readonly trusted: boolean;
}

export interface TemplateOptions {
  /** The Jinja source, from the model file or from the model's document. */
  readonly source: string;
  readonly bosText: string;
  readonly eosText: string;
  /** False: system messages are put before the first user message. */
  readonly systemRole: boolean;
}

/** Around what stands for a message's text while the template runs; private-use characters, so no template uses them. */
const open = '\u{E000}';
const close = '\u{E001}';

/** A model's chat template. Rendering keeps apart what the template wrote and what the messages brought. */
export class PromptTemplate {
  readonly #template: Template;
  readonly #options: TemplateOptions;

  /** @throws ParleyError `config_invalid` when the template does not parse. */
  constructor(options: TemplateOptions) {
    this.#options = options;
    try {
      this.#template = new Template(options.source);
    } catch (error) {
      throw new ParleyError(
        'config_invalid',
        `The model's chat template does not parse: ${messageOf(error)}`,
      );
    }
  }

  /** @throws ParleyError `invalid_request` when the template refuses these messages. */
  render(messages: readonly ChatMessage[]): PromptPiece[] {
    const stand = new StandIns();
    const rendered = this.#run(this.#asModelReads(messages).map((message) => standInMessage(message, stand)));
    return stand.replace(rendered);
  }

  /** @throws ParleyError `unsupported` when what a user says does not reach the prompt as it is. */
  check(): void {
    const content = 'Hello there';
    const pieces = this.render([{ role: 'user', content }]);
    if (!pieces.some(({ text, trusted }) => !trusted && text === content)) throw changesText();
  }

  #run(messages: readonly Record<string, string>[]): string {
    try {
      return this.#template.render({
        messages,
        add_generation_prompt: true,
        bos_token: this.#options.bosText,
        eos_token: this.#options.eosText,
      });
    } catch (error) {
      throw new ParleyError(
        'invalid_request',
        `The model's chat template refuses these messages: ${messageOf(error)}`,
        {
          param: 'messages',
        },
      );
    }
  }

  #asModelReads(messages: readonly ChatMessage[]): ChatMessage[] {
    const read = messages.map((message): ChatMessage =>
      message.role === 'developer' ? { ...message, role: 'system' } : message,
    );
    return this.#options.systemRole ? read : foldSystem(read);
  }
}

function foldSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const rest = messages.filter(({ role }) => role !== 'system');
  if (system.length === 0) return rest;
  const first = rest.findIndex(({ role }) => role === 'user');
  const text = [...system, ...(first === -1 ? [] : [rest[first]?.content ?? ''])].join('\n\n');
  const folded: ChatMessage = { role: 'user', content: text };
  return first === -1 ? [folded, ...rest] : rest.with(first, folded);
}

function standInMessage(message: ChatMessage, stand: StandIns): Record<string, string> {
  const base = { role: message.role, content: stand.put(message.content) };
  return message.name === undefined || message.name === ''
    ? base
    : { ...base, name: stand.put(message.name) };
}

/** Texts taken out of a rendering, each with a mark in its place that no user can guess. */
class StandIns {
  readonly #nonce = randomBytes(12).toString('hex');
  readonly #texts: string[] = [];

  /** White space around the text stays in sight, because templates trim it. */
  put(text: string): string {
    const core = text.trim();
    if (core === '') return text;
    const start = text.indexOf(core);
    this.#texts.push(core);
    const mark = `${open}${this.#nonce}:${this.#texts.length - 1}${close}`;
    return text.slice(0, start) + mark + text.slice(start + core.length);
  }

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
}

function changesText(): ParleyError {
  return new ParleyError(
    'unsupported',
    "The model's chat template changes the text of messages; it cannot be used.",
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

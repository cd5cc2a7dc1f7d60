import { Template } from '@huggingface/jinja';
import { ParleyError } from '@parley/kernel';
import type { ChatMessage, FunctionTool, ToolCallFormat } from '../../../../../ports/engine.ts';
import { changesText, StandIns } from './prompt-stand-ins.ts';
import type { PromptPiece } from './prompt-stand-ins.ts';
import { templateMessages, templateTools } from './template-values.ts';
import { describedInText } from './tool-calling.ts';

export interface TemplateOptions {
  /** The Jinja source, from the model file or from the model's document. */
  readonly source: string;
  readonly bosText: string;
  readonly eosText: string;
  /** False: system messages are put before the first user message. */
  readonly systemRole: boolean;
  /** How functions and calls are written; absent: the template knows none. */
  readonly toolFormat?: Exclude<ToolCallFormat, 'none'>;
}

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

  get toolFormat(): Exclude<ToolCallFormat, 'none'> {
    return this.#options.toolFormat ?? 'generic';
  }

  /**
   * @param functions what the model is told that it can call
   * @throws ParleyError `invalid_request` when the template refuses these messages.
   */
  render(messages: readonly ChatMessage[], functions: readonly FunctionTool[] = []): PromptPiece[] {
    const stand = new StandIns();
    const ids = this.toolFormat === 'mistral' ? 'short' : 'as given';
    const read = templateMessages(this.#asModelReads(messages, functions), stand, ids);
    const isTold = functions.length > 0 && this.toolFormat !== 'generic';
    return stand.replace(this.#run(read, isTold ? { tools: templateTools(functions, stand) } : {}));
  }

  /** @throws ParleyError `unsupported` when what a user says does not reach the prompt as it is. */
  check(): void {
    const content = 'Hello there';
    const pieces = this.render([{ role: 'user', content }]);
    if (!pieces.some(({ text, trusted }) => !trusted && text === content)) throw changesText();
  }

  #run(
    messages: readonly Readonly<Record<string, unknown>>[],
    more: Readonly<Record<string, unknown>>,
  ): string {
    try {
      return this.#template.render({
        messages,
        ...more,
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

  #asModelReads(
    messages: readonly ChatMessage[],
    functions: readonly FunctionTool[],
  ): readonly ChatMessage[] {
    const read = messages.map((message): ChatMessage =>
      message.role === 'developer' ? { ...message, role: 'system' } : message,
    );
    const shown = this.toolFormat === 'generic' ? describedInText(read, functions) : read;
    return this.#options.systemRole ? shown : foldSystem(shown);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

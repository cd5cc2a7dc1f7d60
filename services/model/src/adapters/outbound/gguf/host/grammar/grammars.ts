import { LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { GbnfJsonSchema, Llama, LlamaGrammar, LlamaModel } from 'node-llama-cpp';
import { ParleyError } from '@parley/kernel';
import type { AnswerForm } from '../../../../../ports/engine.ts';
import { checkGrammar } from './check-grammar.ts';
import { readJsonSchema } from './json-schema.ts';

/** Compiled grammars kept for the next request of the same form. */
const keptGrammars = 32;

const anyObject: GbnfJsonSchema = { type: 'object', additionalProperties: true };

/** The library's own type of this method does not hold under `exactOptionalPropertyTypes`. */
interface SchemaConverter {
  createGrammarForJsonSchema(schema: GbnfJsonSchema): Promise<{ readonly grammar: string }>;
}

/** Makes the grammars that hold an answer to its form. */
export class Grammars {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #kept = new Map<string, LlamaGrammar>();

  constructor(llama: Llama, model: LlamaModel) {
    this.#llama = llama;
    this.#model = model;
  }

  /**
   * A maker of fresh evaluation states, one per answer; undefined for free text.
   * @throws ParleyError `invalid_request` or `unsupported` for a schema or grammar that cannot be enforced.
   */
  async for(form: AnswerForm): Promise<(() => LlamaGrammarEvaluationState) | undefined> {
    if (form.kind === 'text') return undefined;
    const key = keyOf(form);
    const grammar = this.#kept.get(key) ?? (await this.#make(form));
    this.#keep(key, grammar);
    return () => new LlamaGrammarEvaluationState({ model: this.#model, grammar });
  }

  #keep(key: string, grammar: LlamaGrammar): void {
    this.#kept.delete(key);
    this.#kept.set(key, grammar);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptGrammars && oldest !== undefined) this.#kept.delete(oldest);
  }

  #make(form: Exclude<AnswerForm, { kind: 'text' }>): Promise<LlamaGrammar> {
    switch (form.kind) {
      case 'json-object':
        return this.#compile(anyObject);
      case 'json-schema':
        return this.#compile(readJsonSchema(form.schema));
      case 'gbnf':
        return this.#read(form.grammar);
    }
  }

  async #read(grammar: string): Promise<LlamaGrammar> {
    checkGrammar(grammar);
    try {
      return await this.#llama.createGrammar({ grammar });
    } catch (error) {
      throw new ParleyError('invalid_request', `The grammar cannot be read: ${messageOf(error)}`, {
        param: 'format.gbnf.grammar',
      });
    }
  }

  async #compile(schema: GbnfJsonSchema): Promise<LlamaGrammar> {
    try {
      const converted = await (this.#llama as unknown as SchemaConverter).createGrammarForJsonSchema(schema);
      return await this.#llama.createGrammar({ grammar: grammarOfAnswers(converted.grammar) });
    } catch (error) {
      throw new ParleyError(
        'unsupported',
        `No grammar can be made of this JSON schema: ${messageOf(error)}`,
        {
          param: 'format.json_schema.schema',
        },
      );
    }
  }
}

function keyOf(form: Exclude<AnswerForm, { kind: 'text' }>): string {
  switch (form.kind) {
    case 'json-object':
      return form.kind;
    case 'json-schema':
      return `${form.kind}:${form.schema}`;
    case 'gbnf':
      return `${form.kind}:${form.grammar}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Fits the library's grammar to bare answers: the value ends the answer (the library waits for four newlines),
 * an integer has no exponent (`1e-1` is none), and lines may be indented as the model likes, not by four only.
 * @throws Error when the library's grammar does not end as expected.
 */
export function grammarOfAnswers(grammar: string): string {
  const tail = ' "\\n\\n\\n\\n" [\\n]*';
  const [root = '', ...rules] = grammar.split('\n');
  if (!root.endsWith(tail)) throw new Error('the grammar has an unexpected end');
  return [root.slice(0, -tail.length), ...rules.map(fitRule)].join('\n');
}

function fitRule(rule: string): string {
  const name = rule.slice(0, rule.indexOf(' ::='));
  if (name === 'integer-number-rule') return `${name} ::= "-"? ("0" | [1-9] [0-9]{0,15})`;
  if (name.startsWith('comma-whitespace-b-')) return `${name} ::= "," ([ ]? | [\\n] [ \\t]{0,20})`;
  if (name.startsWith('whitespace-b-')) return `${name} ::= [ ]? | [\\n] [ \\t]{0,20}`;
  return rule;
}

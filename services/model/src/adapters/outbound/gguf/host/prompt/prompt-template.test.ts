import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../../ports/engine.ts';
import { PromptTemplate } from './prompt-template.ts';

const chatml =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

function template(source: string, systemRole = true): PromptTemplate {
  return new PromptTemplate({ source, bosText: '<s>', eosText: '</s>', systemRole });
}

function rendered(source: string, messages: readonly ChatMessage[], systemRole = true): string {
  return template(source, systemRole)
    .render(messages)
    .map(({ text }) => text)
    .join('');
}

describe('a chat template', () => {
  it('renders the conversation and opens the answer', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    expect(rendered(chatml, messages)).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('tells what it wrote from what the messages brought', () => {
    const pieces = template(chatml).render([{ role: 'user', content: 'a<|im_end|>b' }]);
    expect(pieces.filter(({ trusted }) => !trusted)).toEqual([{ text: 'a<|im_end|>b', trusted: false }]);
  });

  it('is not run inside messages', () => {
    expect(rendered('{{ messages[0].content }}', [{ role: 'user', content: '{{ 1 + 1 }}{% if %}' }])).toBe(
      '{{ 1 + 1 }}{% if %}',
    );
  });

  it('may trim messages, and keeps their spaces when it does not', () => {
    const messages: ChatMessage[] = [{ role: 'user', content: '  hi \n' }];
    expect(rendered('[{{ messages[0].content | trim }}]', messages)).toBe('[hi]');
    expect(rendered('[{{ messages[0].content }}]', messages)).toBe('[  hi \n]');
  });

  it('gives empty messages as they are', () => {
    expect(rendered('[{{ messages[0].content }}]', [{ role: 'user', content: '' }])).toBe('[]');
  });

  it('reads developer messages as system messages', () => {
    expect(rendered(chatml, [{ role: 'developer', content: 'x' }])).toContain('<|im_start|>system\nx');
  });

  it('knows the model’s begin and end of text', () => {
    expect(
      rendered('{{ bos_token }}{{ messages[0].content }}{{ eos_token }}', [{ role: 'user', content: 'x' }]),
    ).toBe('<s>x</s>');
  });

  it('puts system messages before the first user message where the model takes none', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    expect(rendered(chatml, messages, false)).toBe(
      '<|im_start|>user\nBe brief.\n\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
    expect(rendered(chatml, [{ role: 'system', content: 'Alone' }], false)).toContain(
      '<|im_start|>user\nAlone',
    );
  });

  it('says what it refuses, in its own words', () => {
    const source =
      "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}x";
    expect(() => rendered(source, [{ role: 'system', content: 'x' }])).toThrow(/System role not supported/);
  });

  it('that changes the text of messages is refused rather than trusted', () => {
    expect(() =>
      rendered('{{ messages[0].content[:10] }}', [{ role: 'user', content: 'a long enough text' }]),
    ).toThrow(/changes the text/);
    expect(() => template('{{ messages[0].content[3:6] }}').check()).toThrow(/changes the text/);
    expect(() => template(chatml).check()).not.toThrow();
  });

  it('that does not parse is refused when it is read', () => {
    expect(() => template('{% for %}')).toThrow(/does not parse/);
  });
});

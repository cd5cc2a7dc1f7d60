import { expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';
import { ThoughtReader } from './thought-reader.ts';
import { ToolCallReader } from './tool-call-reader.ts';

function answer(text: string, isOpen = false): string {
  const reader = new ThoughtReader(isOpen);
  return text.replaceAll(/[^]/g, (character) => reader.push(character)) + reader.end();
}

it.each([
  ['<think>\nHm, 2 < 3.\n</think>\n\nYes.', false, 'Yes.'],
  ['\n<think></think>Yes.', false, 'Yes.'],
  ['Hm.</think>\nYes, <think> is a tag.', true, 'Yes, <think> is a tag.'],
  ['No <think>tag</think> here', false, 'No <think>tag</think> here'],
  ['<thin', false, '<thin'],
  ['<think>never done', false, ''],
  ['', false, ''],
])('leaves out what %j thinks (in a thought already: %s)', (text, isOpen, said) => {
  expect(answer(text, isOpen)).toBe(said);
});

it('passes what is thought and called as tokens without text', () => {
  const calls = new ToolCallReader('hermes', new Set(['time']));
  const reader = new AnswerReader({ thoughts: new ThoughtReader(false), calls, single: true });
  expect(reader.push('<think>', [1])).toEqual([{ type: 'chunk', text: '', tokenIds: [1] }]);
  expect(reader.push('</think>Look:<tool_call>', [2, 3])).toEqual([
    { type: 'chunk', text: 'Look:', tokenIds: [2, 3] },
  ]);
  const [call] = reader.push('{"name":"time","arguments":{}}', [4]);
  expect(call).toMatchObject({ type: 'tool-call', index: 0, name: 'time', arguments: '{}', tokenIds: [4] });
  expect(call).toHaveProperty('id', expect.stringMatching(/^call_[0-9a-f]{24}$/));
  expect(reader.isComplete).toBe(true);
  expect(reader.push('</tool_call> and more', [5])).toEqual([]);
  expect(reader.reason('length')).toBe('tool-calls');
});

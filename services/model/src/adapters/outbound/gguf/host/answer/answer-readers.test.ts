import { expect, it } from 'vitest';
import { ForcedCallReader } from '../../../engine-parts/forced-call-reader.ts';
import { ThoughtReader } from '../../../engine-parts/thought-reader.ts';
import { ToolCallReader } from '../../../engine-parts/tool-call-reader.ts';
import { AnswerReaders } from './answer-readers.ts';
import type { StepEvent } from './step-events.ts';
import { cancelledEvent } from './step-events.ts';

const call = '<tool_call>{"name":"time","arguments":{}}</tool_call>';

function chunk(id: string, text: string, ...tokenIds: number[]): StepEvent {
  return { type: 'chunk', id, text, tokenIds };
}

function finished(id: string, reason: 'stop' | 'length' = 'stop'): StepEvent {
  return { type: 'finished', id, reason, outputTokens: 3, queueMs: 1 };
}

function calls(): ToolCallReader {
  return new ToolCallReader('hermes', new Set(['time']));
}

it('answers that are mere text pass as they are', () => {
  const readers = new AnswerReaders(() => undefined);
  readers.open('b', { calls: calls(), single: false });
  const events = [chunk('a', call, 1), finished('a')];
  expect(readers.read(events)).toEqual(events);
});

it('calls are told as calls, and end the answer with their reason', () => {
  const readers = new AnswerReaders(() => undefined);
  readers.open('a', { calls: calls(), single: false });
  const told = readers.read([chunk('a', 'Look: ', 1), chunk('a', call, 2, 3), finished('a')]);
  expect(told).toEqual([
    { type: 'chunk', id: 'a', text: 'Look:', tokenIds: [1] },
    {
      type: 'tool-call',
      id: 'a',
      index: 0,
      callId: expect.stringMatching(/^call_/),
      name: 'time',
      arguments: '{}',
      tokenIds: [2, 3],
    },
    { ...finished('a'), reason: 'tool-calls' },
  ]);
  // The answer is over: what another says under its name is its own.
  expect(readers.read([chunk('a', call, 1)])).toEqual([chunk('a', call, 1)]);
});

it('an answer that may have one call is stopped after it, and ends well', async () => {
  const stopped: string[] = [];
  const readers = new AnswerReaders((id) => stopped.push(id));
  readers.open('a', { calls: calls(), single: true });
  expect(readers.read([chunk('a', call, 1, 2), chunk('a', ' and on', 3)])).toHaveLength(1);
  await Promise.resolve();
  expect(stopped).toEqual(['a']);
  expect(readers.read([cancelledEvent('a')])).toMatchObject([
    { type: 'finished', reason: 'tool-calls', outputTokens: 2 },
  ]);
});

it('an answer that fails or is cut says so', () => {
  const readers = new AnswerReaders(() => undefined);
  readers.open('a', { calls: calls(), single: false });
  readers.open('b', { calls: new ForcedCallReader('{"name": "time", "arguments": '), single: false });
  expect(readers.read([cancelledEvent('a')])).toEqual([cancelledEvent('a')]);
  const cut = readers.read([chunk('b', '{"zone":', 1), finished('b', 'length')]);
  expect(cut.map((event) => (event.type === 'tool-call' ? event.arguments : event.type))).toEqual([
    '',
    '{"zone":',
    'finished',
  ]);
  expect(cut.at(-1)).toMatchObject({ reason: 'length' });
});

it('what is thought and never ended is left out, tokens and all', () => {
  const readers = new AnswerReaders(() => undefined);
  readers.open('a', { thoughts: new ThoughtReader(true), single: false });
  expect(readers.read([chunk('a', 'Hm', 1), finished('a', 'length')])).toEqual([
    chunk('a', '', 1),
    finished('a', 'length'),
  ]);
});

import type { LogEntry, Message, Turn } from '../../src/domain/turn.ts';

export const turnId = `resp_7_${'0'.repeat(31)}1`;

const createdAtMs = 1_800_000_000_000;

/** A finished turn that answers "Hello"; `changes` make it another one. */
export function sampleTurn(changes: Partial<Turn> = {}): Turn {
  return {
    id: turnId,
    status: 'completed',
    createdAtMs,
    endedAtMs: createdAtMs + 1500,
    model: { name: 'parley-tiny', digest: '0123456789abcdef'.repeat(4) },
    input: [message({ id: 'msg_in', role: 'user', texts: ['Hi'] })],
    output: [message({ texts: ['Hello'] })],
    instructions: '',
    previousTurnId: '',
    store: true,
    sampling: { logitBias: {} },
    format: { kind: 'text' },
    maxOutputTokens: 0,
    metadata: {},
    usage: { inputTokens: 11, cachedInputTokens: 3, outputTokens: 2 },
    incompleteReason: undefined,
    error: undefined,
    assistant: undefined,
    keyed: false,
    ...changes,
  };
}

export function message(changes: Partial<Message> = {}): Message {
  return {
    type: 'message',
    id: 'msg_out',
    role: 'assistant',
    texts: ['Hello'],
    status: 'completed',
    name: '',
    ...changes,
  };
}

/** The whole log of a turn that says `texts`, one delta for each, numbered from 0. */
export function sampleLog(texts: readonly string[], end: Turn = sampleTurn()): LogEntry[] {
  const running = {
    ...end,
    status: 'in_progress',
    output: [],
    usage: undefined,
    endedAtMs: undefined,
  } as const;
  const place = { outputIndex: 0, itemId: 'msg_out', contentIndex: 0 };
  const text = texts.join('');
  const entries = [
    { kind: 'turn_created', turn: running },
    { kind: 'turn_started', turn: running },
    { kind: 'item_added', outputIndex: 0, item: message({ texts: [], status: 'in_progress' }) },
    { kind: 'part_added', ...place },
    ...texts.map((delta) => ({ kind: 'text_delta', ...place, text: delta }) as const),
    { kind: 'text_done', ...place, text },
    { kind: 'part_done', ...place, text },
    { kind: 'item_done', outputIndex: 0, item: message({ texts: [text] }) },
    {
      kind: 'turn_ended',
      turn: { ...end, output: end.output.length === 0 ? [] : [message({ texts: [text] })] },
    },
  ] as const;
  return entries.map((entry, sequence) => ({ sequence, ...entry }));
}

/** One server-sent event as a client reads it. */
export interface SseEvent {
  readonly name: string | undefined;
  readonly id: number | undefined;
  readonly data: string;
}

/** Reads the events of an SSE text; comments are left out. */
export function parseSse(text: string): SseEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const lines = block.split('\n');
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const id = field('id');
      return {
        name: field('event'),
        id: id === undefined ? undefined : Number(id),
        data: field('data') ?? '',
      };
    });
}

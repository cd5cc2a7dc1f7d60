import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sseEvents } from './sse-events.ts';
import type { SseEvent } from './sse-events.ts';

async function eventsOf(...pieces: (string | Uint8Array)[]): Promise<SseEvent[]> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
  const events: SseEvent[] = [];
  for await (const event of sseEvents(bytes())) events.push(event);
  return events;
}

async function textsOf(...pieces: string[]): Promise<string[]> {
  return (await eventsOf(...pieces)).map(({ text }) => text);
}

describe('server-sent events', () => {
  it('are told apart by empty lines, whatever ends a line', async () => {
    expect(await textsOf('data: a\n\ndata: b\r\n\r\ndata: c\r\rdata:d\n\n')).toEqual(['a', 'b', 'c', 'd']);
    expect(await textsOf('data: a\r', '\n\r', '\ndata: b\r', '\r')).toEqual(['a', 'b']);
  });

  it('lose one space after the colon, and join their lines', async () => {
    expect(await textsOf('data:  two\ndata:\ndata\ndata: x\n\n')).toEqual([' two\n\n\nx']);
  });

  it('are complete without an empty line at the end', async () => {
    expect(await textsOf('data: a\n\ndata: b')).toEqual(['a', 'b']);
  });

  it('pass over comments, other fields and a byte order mark', async () => {
    expect(await textsOf('\uFEFFdata: a\n: b\nid: 1\nretry: 5\nwhat: c\n\n: only a comment\n\n')).toEqual([
      'a',
    ]);
  });

  it('say when they are errors', async () => {
    expect(await eventsOf('event: error\ndata: x\n\nerror: y\n\nevent: message\ndata: z\n\n')).toEqual([
      { field: 'error', text: 'x' },
      { field: 'error', text: 'y' },
      { field: 'data', text: 'z' },
    ]);
  });

  it('must end some time', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    await expect(eventsOf('data: ', ...Array.from({ length: 5 }, () => megabyte))).rejects.toMatchObject({
      code: 'engine_failed',
    });
  });

  it('come out the same, however their bytes are cut', async () => {
    const line = fc.stringMatching(/^[^\r\n]*$/, { maxLength: 12 });
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        stream,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        async (lines, sizes) => {
          const text = lines.map(([said, end]) => `data: ${said}é👋${end}${end}`).join('');
          const bytes = Buffer.from(text);
          const pieces: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(await eventsOf(...pieces)).toEqual(await eventsOf(bytes));
          expect((await eventsOf(bytes)).map((event) => event.text)).toEqual(
            lines.map(([said]) => `${said}é👋`),
          );
        },
      ),
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, isTerminal, joinedText } from './support/sse.ts';
import type { StreamEvent } from './support/sse.ts';
import { TestFleet, configs, eventually, noRealModel, onRealModel, textOf } from './support/test-fleet.ts';

/** A stored turn is a task of the server: whoever goes away, its log is whole and the record has it once. */
describe.skipIf(noRealModel !== undefined)(onRealModel('a stored turn'), () => {
  let fleet: TestFleet;

  beforeAll(async () => {
    fleet = await TestFleet.start({ configDir: configs.smollm2 });
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  const body = {
    model: 'default',
    input: 'Write a long story about a ship and its crew, with many details.',
    max_output_tokens: 160,
    stream: true,
  };

  interface Retrieved {
    status: string;
    output: { content: { text: string }[] }[];
    incomplete_details: { reason: string } | null;
  }

  const textOfResponse = (retrieved: Retrieved): string =>
    retrieved.output.flatMap((item) => item.content.map((part) => part.text)).join('');

  /** Starts a turn and reads its stream until some text has come; `rest` is all of it once the stream is over. */
  async function startAndReadSome(
    signal?: AbortSignal,
  ): Promise<{ id: string; rest: Promise<StreamEvent[]> }> {
    const response = await fleet.post('/v1/responses', body, signal ? { signal } : {});
    const seen: StreamEvent[] = [];
    const enough = Promise.withResolvers<void>();
    const rest = collect(response, (event) => {
      seen.push(event);
      if (joinedText(seen).length > 60) enough.resolve();
    });
    await Promise.race([enough.promise, rest]);
    return { id: seen[0]?.response?.id ?? '', rest };
  }

  async function expectWhole(id: string, events: readonly StreamEvent[]): Promise<void> {
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
    expect(isTerminal(events.at(-1))).toBe(true);
    const text = textOfResponse(await fleet.json<Retrieved>(`/v1/responses/${id}`));
    expect(joinedText(events)).toBe(text);
    const recorded = await eventually('the terminal event is in the record', 10_000, async () => {
      const found = await fleet.terminalEvents(id);
      return found.length > 0 ? found : undefined;
    });
    expect(recorded).toHaveLength(1);
    expect(textOf(recorded[0])).toBe(text);
  }

  /** Attaches after the last event seen, again and again while the connection breaks, until the turn has ended. */
  async function readToTheEnd(id: string, events: StreamEvent[], withinMs: number): Promise<StreamEvent[]> {
    const all = [...events];
    await eventually('the turn has ended', withinMs, async () => {
      const last = all.at(-1);
      if (isTerminal(last)) return true;
      const after = last === undefined ? '' : `&starting_after=${last.sequence_number}`;
      const response = await fleet.fetch(`/v1/responses/${id}?stream=true${after}`);
      if (response.status !== 200) return undefined;
      all.push(...(await collect(response)));
      return isTerminal(all.at(-1)) ? true : undefined;
    });
    return all;
  }

  it('goes on when its client cuts the connection in mid-stream', async () => {
    const client = new AbortController();
    const { id, rest } = await startAndReadSome(client.signal);
    client.abort();
    const seen = await rest;
    expect(isTerminal(seen.at(-1))).toBe(false);
    const all = await readToTheEnd(id, seen, 60_000);
    expect(all.at(-1)?.response?.status).toMatch(/completed|incomplete/);
    await expectWhole(id, all);
  });

  it('is re-attached after the gateway was killed and is back', async () => {
    const { id, rest } = await startAndReadSome();
    process.kill(fleet.pid('gateway'), 'SIGKILL');
    const seen = await rest;
    expect(isTerminal(seen.at(-1))).toBe(false);
    await expectWhole(id, await readToTheEnd(id, seen, 60_000));
  });

  it('ends incomplete, with its text, within 15 s after dialogue was killed, and its stream says so', async () => {
    const { id, rest } = await startAndReadSome();
    const killedAt = Date.now();
    process.kill(fleet.pid('dialogue'), 'SIGKILL');
    const ended = await eventually('the turn is incomplete', 15_000, async () => {
      const retrieved = await fleet.json<Retrieved>(`/v1/responses/${id}`);
      return retrieved.status === 'incomplete' ? retrieved : undefined;
    });
    expect(Date.now() - killedAt).toBeLessThan(15_000);
    expect(ended.incomplete_details?.reason).toBe('owner_lost');
    const all = await readToTheEnd(id, await rest, 20_000);
    expect(joinedText(all).length).toBeGreaterThan(60);
    await expectWhole(id, all);
  });

  it('is stopped by cancel and keeps its text', async () => {
    const { id, rest } = await startAndReadSome();
    const cancelled = await fleet.post(`/v1/responses/${id}/cancel`, {});
    expect(cancelled.status).toBe(200);
    expect(((await cancelled.json()) as Retrieved).status).toBe('cancelled');
    await expectWhole(id, await rest);
  });
});

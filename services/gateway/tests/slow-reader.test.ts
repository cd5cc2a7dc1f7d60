import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { allEvents, deltaText } from './support/sse-client.ts';

describe('a slow reader', () => {
  const pieces = 1600;
  const piece = 'x'.repeat(16_384);

  it('slows its turn’s log down, is disconnected in the end, and can attach again', async () => {
    const dialogue = new DialoguePeer();
    dialogue.answer = async function* () {
      for (let i = 0; i < pieces; i++) yield piece;
    };
    await using _peer = await dialogue.peer.listen();
    await using gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
      PARLEY_SLOW_READER_TIMEOUT_MS: '700',
    });
    const body = JSON.stringify({ input: 'Hi', stream: true });
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(
      `POST /v1/responses HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiKey}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => dialogue.detached, { timeout: 10_000 }).toBe(1);
    expect(dialogue.sent).toBeLessThan(pieces * 0.6);
    expect(await gateway.runtime.metrics.text()).toMatch(
      /parley_gateway_rejected_total\{[^}]*reason="slow_reader"[^}]*\} 1/,
    );
    socket.destroy();
    const [id = ''] = [...dialogue.turns.keys()];
    const events = await allEvents(await gateway.fetch(`/v1/responses/${id}?stream=true`));
    expect(deltaText(events)).toHaveLength(pieces * piece.length);
  });

  it('that takes something now and then is kept, however long it needs for the whole', async () => {
    const dialogue = new DialoguePeer();
    dialogue.answer = async function* () {
      for (let i = 0; i < pieces; i++) yield piece;
    };
    await using _peer = await dialogue.peer.listen();
    await using gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
      PARLEY_SLOW_READER_TIMEOUT_MS: '900',
    });
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const started = performance.now();
    let end = '';
    let sincePause = 0;
    for await (const part of response.body ?? []) {
      end = (end + Buffer.from(part).toString('utf8')).slice(-4096);
      sincePause += part.length;
      if (sincePause < 6_000_000) continue;
      sincePause = 0;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(end.includes('"truncation":"disabled"}}')).toBe(true);
  });
});

import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { acceptedProtocol, keyOfUpgrade, wantsWebSocket } from './upgrade-request.ts';

function request(parts: Partial<Pick<IncomingMessage, 'method' | 'url' | 'headers'>>): IncomingMessage {
  const whole = { method: 'GET', url: '/v1/responses', headers: { upgrade: 'websocket' }, ...parts };
  return whole as IncomingMessage;
}

describe('an upgrade', () => {
  it('is one for a WebSocket at the right place only', () => {
    expect(wantsWebSocket(request({}))).toBe(true);
    expect(
      wantsWebSocket(request({ url: '/v1/responses?model=default', headers: { upgrade: 'WebSocket' } })),
    ).toBe(true);
    expect(wantsWebSocket(request({ url: '/v1/responses/resp_1' }))).toBe(false);
    expect(wantsWebSocket(request({ method: 'POST' }))).toBe(false);
    expect(wantsWebSocket(request({ headers: { upgrade: 'h2c' } }))).toBe(false);
  });

  it('presents its key in the header, else in a subprotocol', () => {
    const protocols = { 'sec-websocket-protocol': 'realtime, openai-insecure-api-key.b' };
    expect(keyOfUpgrade(request({ headers: protocols }))).toBe('b');
    expect(keyOfUpgrade(request({ headers: { ...protocols, authorization: 'Bearer a' } }))).toBe('a');
    expect(keyOfUpgrade(request({ headers: { 'sec-websocket-protocol': 'realtime' } }))).toBeUndefined();
  });

  it('gets back a subprotocol that is not its key, if it offered any', () => {
    const key = 'openai-insecure-api-key.b';
    expect(acceptedProtocol(new Set([key, 'realtime']))).toBe('realtime');
    expect(acceptedProtocol(new Set([key]))).toBe(key);
    expect(acceptedProtocol(new Set())).toBe(false);
  });
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet, eventually } from './support/test-fleet.ts';

/** A collector that keeps what it is sent: OTLP over HTTP, in protobuf, whose texts and ids lie in it as they are. */
class Collector implements AsyncDisposable {
  readonly exports: Buffer[] = [];
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.exports.push(Buffer.concat(chunks));
      response.end();
    });
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('a traced fleet', () => {
  const collector = new Collector();
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start({
      configDir: join(import.meta.dirname, 'fixtures/simulated'),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: await collector.listen(), OTEL_BSP_SCHEDULE_DELAY: '200' },
    });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  it("continues its caller's trace through gateway, dialogue and model, and never carries text", async () => {
    const traceId = randomBytes(16);
    const body = { model: 'default', input: 'A secret between us.', max_output_tokens: 8 };
    const response = await fetch(`${fleet.fleet.url}/v1/responses`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${fleet.fleet.apiKey}`,
        'content-type': 'application/json',
        traceparent: `00-${traceId.toString('hex')}-00f067aa0ba902b7-01`,
      },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    await response.text();
    const spans = [
      /POST/,
      /parley\.dialogue\.v1\.Turns\/StartTurn/,
      /parley\.model\.v1\.Inference\/Generate/,
    ];
    for (const span of spans) {
      await eventually(`a span ${span.source} of the trace`, 10_000, async () =>
        collector.exports.some((sent) => sent.includes(traceId) && span.test(sent.toString('latin1')))
          ? true
          : undefined,
      );
    }
    const ofServices = collector.exports.filter((sent) => sent.includes(traceId)).map(String);
    for (const service of ['gateway', 'dialogue', 'model'])
      expect(ofServices.some((sent) => sent.includes(`parley-${service}`))).toBe(true);
    expect(collector.exports.join('')).not.toContain('secret between us');
  });
});

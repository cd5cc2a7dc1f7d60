import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const preload = fileURLToPath(new URL('register.ts', import.meta.url));

/** A traced request to itself that logs, and prints the traceparent that the code sees. */
const program = `
  import { createServer, get } from 'node:http';
  import { once } from 'node:events';
  import { createLogger, currentTraceparent } from '@parley/telemetry';
  const logger = createLogger('model', 'i', 'info');
  const server = createServer((request, response) => {
    logger.info({ traceparent: currentTraceparent() }, 'handled');
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [response] = await once(get({ host: '127.0.0.1', port: server.address().port }), 'response');
  response.resume();
  server.close();
`;

async function run(endpoint: string | undefined): Promise<Record<string, unknown>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: _, ...env } = process.env;
  const options = {
    env: endpoint === undefined ? env : { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  };
  const args = [
    '--no-warnings',
    '--conditions=@parley/source',
    '--import',
    preload,
    '--input-type=module',
    '--eval',
    program,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('the tracing preload', () => {
  let collector: Server;
  let exported: string[];

  beforeEach(async () => {
    exported = [];
    collector = createServer((request, response) => {
      exported.push(request.url ?? '');
      request.resume().on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
  });

  afterEach(async () => {
    collector.closeAllConnections();
    collector.close();
    await once(collector, 'close');
  });

  it('does nothing unless an endpoint is configured', async () => {
    const line = await run(undefined);
    expect(line).not.toHaveProperty('trace_id');
    expect(line).not.toHaveProperty('traceparent');
  });

  it('sends spans, and only spans, and puts their ids into log lines', async () => {
    const line = await run(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
    expect(line['traceparent']).toBe(`00-${String(line['trace_id'])}-${String(line['span_id'])}-01`);
    expect(exported).toEqual(['/v1/traces']);
  });

  it('never fails the service when the collector is away', async () => {
    collector.closeAllConnections();
    const { port } = collector.address() as AddressInfo;
    collector.close();
    await once(collector, 'close');
    expect(await run(`http://127.0.0.1:${port}`)).toMatchObject({ msg: 'handled' });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
  });
});

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@parley/testing';
import { bundledModelFile } from './bundled-model.ts';

const root = join(import.meta.dirname, '../../../..');
const release = join(root, 'node_modules/node-llama-cpp/llama/llama.cpp.info.json');
const { tag } = JSON.parse(readFileSync(release, 'utf8')) as { tag: string };
const cache = process.env['PARLEY_CACHE'] ?? join(homedir(), '.cache/parley');
const program = join(cache, 'llama-server', tag, 'llama-server');

/** Why tests on llama-server cannot run here; undefined when they can. In CI they must run. */
export const noLlamaServer =
  existsSync(program) || process.env['CI'] === 'true'
    ? undefined
    : `llama-server ${tag} is not here: npm run provision builds it`;

/** A real llama-server with the bundled model, on a loopback port. */
export class LlamaServer implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.baseUrl = `http://127.0.0.1:${port}/v1`;
  }

  /** @param contextTokens of each slot */
  static async start(contextTokens: number, slots: number, key?: string): Promise<LlamaServer> {
    const port = await freePort();
    const size = ['--ctx-size', String(contextTokens * slots), '--parallel', String(slots), '--threads', '1'];
    const place = ['--host', '127.0.0.1', '--port', String(port), '--alias', 'tiny', '--no-webui'];
    const secret = key === undefined ? [] : ['--api-key', key];
    const args = ['--model', bundledModelFile, ...size, ...place, ...secret];
    const child = spawn(program, args, { stdio: 'ignore' });
    const server = new LlamaServer(child, port);
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`llama-server ended with ${child.exitCode}`);
        const { status } = await fetch(`http://127.0.0.1:${port}/health`);
        if (status !== 200) throw new Error(`llama-server answers ${status}`);
      },
      { timeoutMs: 60_000 },
    );
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

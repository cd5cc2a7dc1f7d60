/** A llama-server with a model, as `npm run provision` builds it, and answers of it: what the engine is measured against. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const engine = dirname(fileURLToPath(import.meta.resolve('node-llama-cpp')));
const release = join(engine, '../llama/llama.cpp.info.json');
const { tag } = JSON.parse(readFileSync(release, 'utf8'));
const cache = process.env.PARLEY_CACHE ?? join(homedir(), '.cache/parley');
const program = join(cache, 'llama-server', tag, 'llama-server');

/** Nothing is kept from one request to the next, and sampling is by temperature alone. */
const settings = {
  stream: true,
  stream_options: { include_usage: true },
  cache_prompt: false,
  ignore_eos: true,
  samplers: ['temperature'],
  temperature: 0.8,
};

export class LlamaServer {
  #child;
  #url;

  /** @param contextTokens of each slot */
  static async start(model, { port, slots, contextTokens }) {
    if (!existsSync(program)) throw new Error(`${program} is not there: npm run provision builds it.`);
    const size = ['--ctx-size', String(contextTokens * slots), '--parallel', String(slots), '--threads', '1'];
    const place = ['--host', '127.0.0.1', '--port', String(port), '--no-webui', '--cache-ram', '0'];
    const server = new LlamaServer();
    server.#url = `http://127.0.0.1:${port}`;
    server.#child = spawn(program, ['--model', model, ...size, ...place], { stdio: 'ignore' });
    for (const until = performance.now() + 120_000; performance.now() < until;) {
      const health = await fetch(`${server.#url}/health`).catch(() => undefined);
      if (health?.status === 200) return server;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await server.close();
    throw new Error('llama-server did not start within 120 s');
  }

  get pid() {
    return this.#child.pid;
  }

  /** As `ModelProcess.answer` tells it. */
  async answer(messages, maxTokens) {
    const started = performance.now();
    const response = await fetch(`${this.#url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages, max_tokens: maxTokens, ...settings }),
    });
    if (!response.ok) throw new Error(`llama-server: ${response.status} ${await response.text()}`);
    let raw = '';
    let firstMs;
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      raw += piece;
      if (raw.includes('"content":"')) firstMs ??= performance.now() - started;
    }
    const count = (name) => Number(new RegExp(`"${name}":(\\d+)`).exec(raw)?.[1] ?? 0);
    const [input, output] = [count('prompt_tokens'), count('completion_tokens')];
    const totalMs = performance.now() - started;
    return { firstMs: firstMs ?? totalMs, totalMs, input, output };
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** One model service as a process of its own, and calls of its gRPC: for what must be measured without the fleet. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { common, inference, modelAdmin } from '@parley/contracts';
import { FleetTokens, createGrpcClient, serverStream, unary } from '@parley/grpc';

const entry = 'services/model/dist/main.js';
const tenant = { tenant: 'default', role: 'admin', keyId: 'bench', requestId: 'bench' };
const retryMs = 5;

/** A model service that can be stopped and started on the same port and data folder. */
export class ModelProcess {
  #child;

  constructor(dataDir, configDir, grpcPort) {
    this.secretFile = join(dataDir, 'fleet-secret');
    if (!existsSync(this.secretFile))
      writeFileSync(this.secretFile, randomBytes(32).toString('hex'), { mode: 0o600 });
    this.env = {
      ...process.env,
      PARLEY_DATA: dataDir,
      PARLEY_CONFIG: configDir,
      PARLEY_GRPC_PORT: String(grpcPort),
      PARLEY_TELEMETRY_PORT: '0',
      PARLEY_LOG_LEVEL: 'error',
      NODE_COMPILE_CACHE: join('.cache', 'node-compile'),
    };
    const tokens = (caller) => new FleetTokens(readFleetSecrets(this.secretFile), caller);
    const addresses = [`127.0.0.1:${grpcPort}`];
    this.inference = createGrpcClient(inference.InferenceClient, { addresses, tokens: tokens('dialogue') });
    this.admin = createGrpcClient(modelAdmin.ModelAdminClient, { addresses, tokens: tokens('gateway') });
  }

  start() {
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
      env: this.env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  async stop() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  async close() {
    this.inference.close();
    this.admin.close();
    await this.stop();
  }

  /** Asks `named` until it answers; resolves with the name of the model that gave the first piece of text. */
  async firstToken(named) {
    for (const until = performance.now() + 120_000; performance.now() < until;) {
      const answer = await this.#tryFirstToken(named).catch(() => undefined);
      if (answer !== undefined) return answer;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    throw new Error(`${named} gave no token within 120 s`);
  }

  get pid() {
    return this.#child.pid;
  }

  /** One answer to `content`: tokens read and made, and when its first token and its last came, in milliseconds. */
  async answer(digest, messages, change = {}, onChunk = () => {}) {
    const request = inference.GenerateRequest.fromPartial({
      digest,
      messages: messages.map(({ role, content }) => ({
        role: common.Role[`ROLE_${role.toUpperCase()}`],
        content: [{ part: { $case: 'text', text: content } }],
      })),
      ...change,
    });
    const started = performance.now();
    const heard = { firstMs: 0, totalMs: 0, input: 0, output: 0, cached: 0, text: '' };
    const updates = serverStream(this.inference.generate.bind(this.inference), request, { tenant });
    for await (const { update } of updates) {
      if (update?.$case === 'chunk') {
        heard.firstMs ||= performance.now() - started;
        onChunk();
        heard.text += update.chunk.text;
      }
      if (update?.$case !== 'finished') continue;
      const { usage } = update.finished;
      heard.input = usage.inputTokens;
      heard.output = usage.outputTokens;
      heard.cached = usage.cachedInputTokens;
    }
    heard.totalMs = performance.now() - started;
    heard.firstMs ||= heard.totalMs;
    return heard;
  }

  async resolve(named) {
    const resolve = this.inference.resolveModel.bind(this.inference);
    return (await unary(resolve, { model: named }, { tenant })).model;
  }

  async #tryFirstToken(named) {
    const resolved = await unary(
      this.inference.resolveModel.bind(this.inference),
      { model: named },
      { tenant },
    );
    const message = {
      role: common.Role.ROLE_USER,
      name: '',
      content: [{ part: { $case: 'text', text: 'Hello!' } }],
    };
    const request = inference.GenerateRequest.fromPartial({
      digest: resolved.model.digest,
      messages: [message],
      sampling: { temperature: 0 },
      maxOutputTokens: 4,
    });
    for await (const { update } of serverStream(this.inference.generate.bind(this.inference), request, {
      tenant,
    }))
      if (update?.$case === 'chunk') return resolved.model.name;
    return undefined;
  }

  /** Runs an admin call that makes a job, and waits for the job's end. @throws Error with the job's reason */
  async job(method, request) {
    let job = await unary(this.admin[method].bind(this.admin), request, { tenant });
    while (
      job.state === modelAdmin.JobState.JOB_STATE_QUEUED ||
      job.state === modelAdmin.JobState.JOB_STATE_RUNNING
    ) {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      job = await unary(this.admin.getModelJob.bind(this.admin), { id: job.id }, { tenant });
    }
    if (job.state !== modelAdmin.JobState.JOB_STATE_SUCCEEDED)
      throw new Error(`${method}: ${job.error?.message ?? 'the job did not succeed'}`);
  }
}

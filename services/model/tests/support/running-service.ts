import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { common, documents, inference, modelAdmin } from '@parley/contracts';
import { createGrpcClient, FleetTokens, serverStream, unary } from '@parley/grpc';
import type { MessageStream } from '@parley/grpc';
import { sleep } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';
import { startService } from '@parley/nest';
import type { RunningService } from '@parley/nest';
import { readConfig } from '../../src/config.ts';
import { modelService } from '../../src/model-service.ts';

const tenant: TenantContext = { tenant: 'acme', role: 'user', keyId: 'key_test', requestId: 'req_test' };

/** The model service with its real servers and engine host, and clients of both its gRPC services. */
export class RunningModelService implements AsyncDisposable {
  readonly service: RunningService;
  readonly #inference: inference.InferenceClient;
  readonly #admin: modelAdmin.ModelAdminClient;
  readonly #documents: documents.DocumentsClient;

  private constructor(service: RunningService, tokens: FleetTokens) {
    this.service = service;
    const addresses = [`127.0.0.1:${service.grpcPort}`];
    this.#inference = createGrpcClient(inference.InferenceClient, { addresses, tokens });
    this.#admin = createGrpcClient(modelAdmin.ModelAdminClient, { addresses, tokens });
    this.#documents = createGrpcClient(documents.DocumentsClient, { addresses, tokens });
  }

  /** Starts it on `dataDir`, which gets a fleet secret if it has none. */
  static async start(
    dataDir: string,
    configDir: string,
    env: NodeJS.ProcessEnv = {},
  ): Promise<RunningModelService> {
    const secret = join(dataDir, 'fleet-secret');
    if (!existsSync(secret)) await writeFile(secret, randomBytes(32).toString('hex'), { mode: 0o600 });
    const ports = { PARLEY_GRPC_PORT: '0', PARLEY_TELEMETRY_PORT: '0', PARLEY_LOG_LEVEL: 'silent' };
    const { PARLEY_MODEL_CACHE } = process.env;
    const cache = PARLEY_MODEL_CACHE === undefined ? {} : { PARLEY_MODEL_CACHE };
    const config = readConfig({ PARLEY_DATA: dataDir, PARLEY_CONFIG: configDir, ...ports, ...cache, ...env });
    const service = await startService(modelService(config));
    return new RunningModelService(service, new FleetTokens(readFleetSecrets(secret), 'dialogue'));
  }

  resolve(model = ''): Promise<inference.ResolvedModel> {
    return unary(this.#inference.resolveModel.bind(this.#inference), { model, withTools: false }, { tenant });
  }

  generate(
    digest: string,
    content: string,
    change: Partial<inference.GenerateRequest> = {},
    signal?: AbortSignal,
  ): MessageStream<inference.GenerateUpdate> {
    const message = (role: common.Role, text: string): common.Message => ({
      role,
      name: '',
      toolCalls: [],
      toolCallId: '',
      content: [
        {
          part: {
            $case: 'text',
            text,
          },
        },
      ],
    });
    const request: inference.GenerateRequest = {
      digest,
      messages: [
        message(common.Role.ROLE_SYSTEM, 'You are a helpful assistant.'),
        message(common.Role.ROLE_USER, content),
      ],
      sampling: {
        temperature: 0,
        logitBias: {},
      },
      format: undefined,
      maxOutputTokens: 32,
      stop: [],
      continueFrom: undefined,
      cacheScope: '',
      sharedPrefixTokens: 0,
      sharedScope: '',
      priority: 0,
      turnId: 'turn_test',
      tools: undefined,
      ...change,
    };
    return serverStream(this.#inference.generate.bind(this.#inference), request, {
      tenant,
      ...(signal && { signal }),
    });
  }

  count(request: Partial<inference.CountTokensRequest>): Promise<inference.CountTokensResponse> {
    const message = { model: '', messages: [], texts: [], tools: undefined, ...request };
    return unary(this.#inference.countTokens.bind(this.#inference), message, { tenant });
  }

  list(): Promise<modelAdmin.ListModelsResponse> {
    return unary(this.#admin.listModels.bind(this.#admin), {}, { tenant });
  }

  load(model: string): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.loadModel.bind(this.#admin), { model, idempotency: undefined }, { tenant });
  }

  unload(model: string): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.unloadModel.bind(this.#admin), { model, idempotency: undefined }, { tenant });
  }

  switch(
    model: string,
    alias = 'default',
    idempotency?: common.IdempotencyKey,
  ): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.switchAlias.bind(this.#admin), { alias, model, idempotency }, { tenant });
  }

  rollback(alias = 'default', idempotency?: common.IdempotencyKey): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.rollbackAlias.bind(this.#admin), { alias, idempotency }, { tenant });
  }

  /** The job once it has ended, well or badly. */
  async ended(job: Promise<modelAdmin.ModelJob>): Promise<modelAdmin.ModelJob> {
    const { id } = await job;
    for (;;) {
      const now = await unary(this.#admin.getModelJob.bind(this.#admin), { id }, { tenant });
      if (now.endedAt !== undefined) return now;
      await sleep(20);
    }
  }

  embed(texts: string[], model = ''): Promise<inference.EmbedResponse> {
    return unary(this.#inference.embed.bind(this.#inference), { model, texts }, { tenant });
  }

  report(): Promise<documents.DocumentsReport> {
    return unary(this.#documents.report.bind(this.#documents), {}, { tenant });
  }

  /** The value of the first series on /metrics with these labels; undefined when there is none. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const response = await fetch(`http://127.0.0.1:${this.service.telemetryPort}/metrics`);
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const lines = (await response.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    const series = lines.find((line) => wanted.every((label) => line.includes(label)));
    return series === undefined ? undefined : Number(series.split(' ').at(-1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#inference.close();
    this.#admin.close();
    this.#documents.close();
    await this.service.stop();
  }
}

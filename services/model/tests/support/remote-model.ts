import { OpenaiEngine } from '../../src/adapters/outbound/openai/openai-engine.ts';
import type { OpenaiModel } from '../../src/adapters/outbound/openai/openai-model.ts';
import type { EngineRequest, EngineUpdate, ModelSpec } from '../../src/ports/engine.ts';
import { hear } from './hear.ts';
import type { Heard } from './hear.ts';

/** A model of the openai engine, and what the engine logged. */
export class RemoteModel implements AsyncDisposable {
  readonly model: OpenaiModel;
  readonly logs: readonly string[];

  private constructor(model: OpenaiModel, logs: readonly string[]) {
    this.model = model;
    this.logs = logs;
  }

  /** Loads model `m` of a server. */
  static async load(
    baseUrl: string,
    settings: Readonly<Record<string, unknown>> = {},
    spec: Partial<ModelSpec> = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<RemoteModel> {
    const logs: string[] = [];
    const engine = new OpenaiEngine({
      variable: (name) => variables[name],
      onLog: (_level, message) => logs.push(message),
    });
    const { signal } = new AbortController();
    const model = await engine.load(remoteSpec({ baseUrl, ...settings }, spec), { signal });
    return new RemoteModel(model, logs);
  }

  answer(
    request: Partial<EngineRequest> = {},
    signal?: AbortSignal,
    onUpdate?: (update: EngineUpdate) => void,
  ): Promise<Heard> {
    return hear(this.model, aQuestion(request), signal, onUpdate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
  }
}

/** How a remote model is opened, unless a test says otherwise. */
export function remoteSpec(
  settings: Readonly<Record<string, unknown>>,
  change: Partial<ModelSpec> = {},
): ModelSpec {
  return {
    name: 'far',
    path: '',
    settings: { model: 'm', ...settings },
    proven: false,
    contextTokens: 4096,
    slots: 4,
    maxQueued: 16,
    promptTokensPerStep: 128,
    systemRole: true,
    ...change,
  };
}

export function aQuestion(change: Partial<EngineRequest> = {}): EngineRequest {
  return {
    messages: [{ role: 'user', content: 'Say hello.' }],
    sampling: { temperature: 0 },
    form: { kind: 'text' },
    maxOutputTokens: 48,
    stop: [],
    priority: 0,
    ...change,
  };
}

import { ParleyError } from '@parley/kernel';
import type { Engine, ModelSpec } from '../../../ports/engine.ts';
import type { LoadOptions } from '../../../ports/load-progress.ts';
import { dialects } from './dialects.ts';
import { discover } from './discovery.ts';
import { OpenaiModel } from './openai-model.ts';
import { RemoteClient } from './remote-client.ts';
import type { ReadVariable } from './remote-key.ts';
import { remoteSettingsSchema } from './remote-settings-schema.ts';
import type { RemoteSettings } from './remote-settings-schema.ts';

/** What the engine needs of this process. */
export interface OpenaiEngineOptions {
  /** Where keys are that documents name by a variable. */
  readonly variable: ReadVariable;
  readonly onLog: (level: 'warn' | 'error', message: string) => void;
}

/** Models that other servers run, behind OpenAI's API: vLLM, SGLang, Ollama, llama-server, a provider, another Parley. */
export class OpenaiEngine implements Engine {
  readonly name = 'openai';
  readonly version = '1';
  readonly embeds = true;
  readonly #options: OpenaiEngineOptions;

  constructor(options: OpenaiEngineOptions) {
    this.#options = options;
  }

  /**
   * Asks the server for the model; no token is made, because tokens may cost money.
   * @throws ParleyError `unavailable` while the server is away, refuses the key or has no such model;
   * `config_invalid` when it holds less context than the document says.
   */
  async load(spec: ModelSpec, { signal, onProgress }: LoadOptions): Promise<OpenaiModel> {
    const settings = settingsOf(spec);
    using undo = new DisposableStack();
    const client = undo.use(new RemoteClient(settings, spec.slots, this.#options.variable));
    onProgress?.({ stage: 'starting the engine', share: 0 });
    const found = await discover(client, settings.model, signal);
    requireContext(spec, client.title, found.contextTokens);
    const dialect = dialects[settings.dialect === 'auto' ? found.dialect : settings.dialect];
    const { systemRole } = spec;
    const model = new OpenaiModel({
      spec,
      settings,
      client,
      form: { settings, dialect, systemRole, title: client.title },
      ping: (asked) => ping(client, settings.model, asked),
      warn: (message) => this.#options.onLog('warn', message),
    });
    undo.move();
    return model;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function settingsOf({ name, settings }: ModelSpec): RemoteSettings {
  const read = remoteSettingsSchema.safeParse(settings);
  if (read.success) return read.data;
  const message = `The settings of model "${name}" are not the openai engine's: ${read.error.message}`;
  throw new ParleyError('config_invalid', message);
}

function requireContext(spec: ModelSpec, title: string, there: number | undefined): void {
  if (there === undefined || there === 0 || there >= spec.contextTokens) return;
  const message = `${title} holds ${there} tokens of context; the document of "${spec.name}" says ${spec.contextTokens}.`;
  throw new ParleyError('config_invalid', message);
}

/** A server that says it has too much to do is well. */
async function ping(client: RemoteClient, model: string, signal: AbortSignal): Promise<void> {
  try {
    await discover(client, model, signal);
  } catch (error) {
    const cause = error instanceof ParleyError ? error.cause : undefined;
    if (cause instanceof ParleyError && cause.details['status'] === 429) return;
    throw error;
  }
}

import type { ServiceError } from '@grpc/grpc-js';
import { inference, modelAdmin } from '@parley/contracts';
import { errorStatus } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import { documentsService } from './configured-services.ts';
import { GrpcPeer } from './grpc-peer.ts';

export const at = new Date('2026-11-24T12:00:00Z');

const tiny = { name: 'parley-tiny', digest: '0123456789abcdef'.repeat(4) };
const smol = { name: 'smollm2', digest: 'f'.repeat(64) };

const ready: modelAdmin.ModelInfo = {
  model: tiny,
  aliases: ['default'],
  state: modelAdmin.ModelState.MODEL_STATE_READY,
  engine: 'gguf',
  contextTokens: 1024,
  slots: 4,
  fileBytes: 1000,
  reason: '',
  createdAt: at,
  license: 'MIT',
  description: 'The bundled model.',
  termsUrl: '',
  commercialUse: true,
  busySlots: 1,
  lineage: undefined,
};
const loading: modelAdmin.ModelInfo = {
  ...ready,
  model: smol,
  aliases: ['fast'],
  state: modelAdmin.ModelState.MODEL_STATE_LOADING,
  reason: 'loading: 40 %',
  commercialUse: undefined,
  busySlots: 0,
  lineage: {
    source: tiny,
    format: 'q4_0',
    passed: false,
    kept: 0.9,
    verdict: 'It keeps 90.0 %; 95.0 % are asked for.',
  },
};
const aliases: modelAdmin.AliasInfo[] = [
  { alias: 'default', model: tiny, generation: 2, previousModel: 'smollm2' },
  { alias: 'fast', model: smol, generation: 1, previousModel: '' },
];
const instances: modelAdmin.InstanceInfo[] = [
  {
    instanceId: 'model-1',
    models: [{ model: smol, state: loading.state, reason: loading.reason }],
    aliases: [{ alias: 'default', model: 'parley-tiny', generation: 2 }],
  },
];
const inCatalog: modelAdmin.CatalogEntry = {
  name: 'smollm2-135m',
  title: 'SmolLM2 135M Instruct',
  description: 'Small.',
  license: 'Apache-2.0',
  termsUrl: 'https://example.org/terms',
  commercialUse: undefined,
  languages: ['en'],
  parameters: 135_000_000,
  contextTokens: 8192,
  fileBytes: 100_000_000,
  installed: false,
  engine: 'gguf',
  engineAvailable: true,
};

const ofOllama: modelAdmin.LocalModel = {
  source: 'ollama:qwen3:0.6b',
  program: 'ollama',
  bytes: 522_000_000,
  paths: ['/models/blobs/sha256-1'],
  license: 'Apache License',
  problem: '',
};

type Answer<T> = (error: Partial<ServiceError> | null, answer?: T) => void;

/** The model service as the gateway sees it: a model that is ready, one that loads, and jobs that a test can change. */
export class ModelPeer {
  /** Requests in order, by the name of their method. */
  readonly asked: { method: string; request: unknown }[] = [];
  readonly jobs = new Map<string, modelAdmin.ModelJob>();
  /** Refuses a call. */
  refuse: (method: string) => ParleyError | undefined = () => undefined;
  readonly peer = new GrpcPeer([
    [modelAdmin.ModelAdminService, this.#admin()],
    [inference.InferenceService, this.#inference()],
    documentsService({
      service: 'model',
      instanceId: 'm1',
      documents: [],
      faults: [
        {
          file: 'models/broken.yaml',
          line: 7,
          path: 'spec.path',
          message: 'it must be a text, not a number',
        },
      ],
      drifts: [{ subject: 'alias default', configured: 'parley-tiny', actual: 'smollm2' }],
    }),
  ]);

  #admin(): modelAdmin.ModelAdminServer {
    return {
      listModels: this.#answers('listModels', () => ({ models: [ready, loading], aliases, instances })),
      listCatalog: this.#answers('listCatalog', () => ({ entries: [inCatalog] })),
      listLocalModels: this.#answers('listLocalModels', () => ({ models: [ofOllama] })),
      pruneModels: this.#answers('pruneModels', ({ maxBytes }: modelAdmin.PruneModelsRequest) => ({
        removed: [{ name: 'old', bytes: 10, usedAt: at, needed: '' }],
        kept: [{ name: 'smollm2', bytes: 20, usedAt: at, needed: 'it is loaded' }],
        maxBytes,
      })),
      pullModel: this.#begins('pull', ({ source }: modelAdmin.PullModelRequest) => source),
      loadModel: this.#begins('load', ({ model }: modelAdmin.LoadModelRequest) => model),
      unloadModel: this.#begins('unload', ({ model }: modelAdmin.UnloadModelRequest) => model),
      switchAlias: this.#begins('switch', ({ alias }: modelAdmin.SwitchAliasRequest) => alias),
      rollbackAlias: this.#begins('rollback', ({ alias }: modelAdmin.RollbackAliasRequest) => alias),
      quantizeModel: this.#begins(
        'quantize',
        ({ model, format }: modelAdmin.QuantizeModelRequest) => `${model}-${format}`,
      ),
      convertModel: this.#begins('convert', ({ name }: modelAdmin.ConvertModelRequest) => name),
      getModelJob: this.#answers('getModelJob', ({ id }: modelAdmin.GetModelJobRequest) => this.#job(id)),
      listModelJobs: this.#answers('listModelJobs', ({ limit }: modelAdmin.ListModelJobsRequest) => ({
        jobs: [...this.jobs.values()].toReversed().slice(0, limit),
      })),
      cancelModelJob: this.#answers('cancelModelJob', ({ id }: modelAdmin.CancelModelJobRequest) => {
        const state = modelAdmin.JobState.JOB_STATE_CANCELLED;
        const cancelled = { ...this.#job(id), state, endedAt: at };
        this.jobs.set(id, cancelled);
        return cancelled;
      }),
    };
  }

  #inference(): inference.InferenceServer {
    const unused = () => {
      throw new ParleyError('unsupported', 'The gateway never asks this.');
    };
    return {
      resolveModel: this.#answers('resolveModel', unused),
      generate: (call) => void call.emit('error', errorStatus(new ParleyError('unsupported', 'No.'))),
      // A token for each word that the template renders, and one for each message's role.
      countTokens: this.#answers('countTokens', ({ messages }: inference.CountTokensRequest) => ({
        model: tiny,
        messageTokens: messages
          .flatMap(({ content }) => content.map(({ part }) => part?.text ?? ''))
          .reduce((sum, text) => sum + 1 + text.split(/\s+/).length, 0),
        textTokens: [],
      })),
      embed: this.#answers('embed', ({ texts }: inference.EmbedRequest) => ({
        model: tiny,
        embeddings: texts.map((text) => ({ values: vectorOf(text) })),
        inputTokens: texts.length * 3,
      })),
    };
  }

  #begins<Req>(kind: string, subjectOf: (request: Req) => string) {
    return this.#answers(kind, (request: Req) => {
      const job = jobOf(`job_${this.jobs.size + 1}`, kind, subjectOf(request));
      this.jobs.set(job.id, job);
      return job;
    });
  }

  #job(id: string): modelAdmin.ModelJob {
    const job = this.jobs.get(id);
    if (job !== undefined) return job;
    throw new ParleyError('not_found', 'There is no job of that id.', { param: 'id' });
  }

  #answers<Req, Res>(method: string, work: (request: Req) => Res) {
    return (call: { request: Req }, callback: Answer<Res>): void => {
      this.asked.push({ method, request: call.request });
      try {
        const refusal = this.refuse(method);
        if (refusal !== undefined) throw refusal;
        callback(null, work(call.request));
      } catch (thrown) {
        callback(errorStatus(thrown));
      }
    };
  }
}

/** Of length 1; another text gives another direction. */
export function vectorOf(text: string): number[] {
  const angle = text.length / 10;
  return [Math.fround(Math.cos(angle)), Math.fround(Math.sin(angle))];
}

function jobOf(id: string, kind: string, subject: string): modelAdmin.ModelJob {
  return {
    id,
    kind,
    subject,
    state: modelAdmin.JobState.JOB_STATE_RUNNING,
    stage: 'at work',
    progress: 0.25,
    doneBytes: 250,
    totalBytes: 1000,
    error: undefined,
    createdAt: at,
    endedAt: undefined,
    notes: ['skipped hf:x: it did not answer'],
  };
}

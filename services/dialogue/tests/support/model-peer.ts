import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { common, inference } from '@parley/contracts';
import { authentication, callContext, errorStatus, serverChannelOptions } from '@parley/grpc';
import type { FleetTokens } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';

type GenerateCall = ServerWritableStream<inference.GenerateRequest, inference.GenerateUpdate>;

/** One Generate call as the model service sees it. */
export class PeerGeneration {
  readonly request: inference.GenerateRequest;
  readonly requestId: string;
  readonly remainingMs: string;
  readonly traceparent: string;
  readonly cancelled: Promise<void>;
  readonly #call: GenerateCall;

  constructor(call: GenerateCall) {
    this.#call = call;
    this.request = call.request;
    this.requestId = callContext(call.metadata).tenant.requestId;
    this.remainingMs = String(call.metadata.get('x-remaining-ms')[0] ?? '');
    this.traceparent = String(call.metadata.get('traceparent')[0] ?? '');
    this.cancelled = new Promise((resolve) => call.once('cancelled', resolve));
  }

  started(inputTokens = 9): this {
    const started = { model: { name: 'parley-tiny', digest: this.request.digest }, inputTokens };
    return this.#write({ $case: 'started', started });
  }

  says(text: string): this {
    return this.#write({ $case: 'chunk', chunk: { text, tokenIds: [7] } });
  }

  finishes(reason = common.FinishReason.FINISH_REASON_STOP): void {
    const usage = { inputTokens: 9, cachedInputTokens: 0, outputTokens: 3 };
    const timings = { queueMs: 4, firstTokenMs: 5, totalMs: 6 };
    this.#write({ $case: 'finished', finished: { reason, usage, timings } });
    this.#call.end();
  }

  fails(error: ParleyError): void {
    this.#call.emit('error', errorStatus(error));
  }

  #write(update: NonNullable<inference.GenerateUpdate['update']>): this {
    this.#call.write({ update });
    return this;
  }
}

/** A model service that answers as a test says, over real gRPC and behind the real fleet token. */
export class ModelPeer implements AsyncDisposable {
  readonly generations: PeerGeneration[] = [];
  answer: (generation: PeerGeneration) => void = (generation) => {
    generation.started().says('Hello').says(' there').finishes();
  };
  refusal: ParleyError | undefined;
  contextTokens = 1024;
  countRefused = false;
  /** The models that were asked for, and what was asked to be counted. */
  readonly asked: string[] = [];
  readonly counted: inference.CountTokensRequest[] = [];
  readonly #server: Server;
  #address = '';

  private constructor(tokens: FleetTokens) {
    const interceptors = [authentication({ tokens, allows: (caller) => caller === 'dialogue' })];
    this.#server = new Server(serverChannelOptions({ interceptors }));
    this.#server.addService(inference.InferenceService, {
      resolveModel: (call, answer) => {
        this.asked.push(call.request.model);
        if (this.refusal !== undefined) return answer(errorStatus(this.refusal));
        answer(null, { ...resolved, contextTokens: this.contextTokens });
      },
      generate: (call) => {
        const generation = new PeerGeneration(call);
        this.generations.push(generation);
        this.answer(generation);
      },
      countTokens: ({ request }, answer) => {
        this.counted.push(request);
        if (this.countRefused) answer(errorStatus(new ParleyError('unavailable', 'No counting now.')));
        else answer(null, countOf(request));
      },
      embed: (_call, answer) => answer(null, { model: undefined, embeddings: [], inputTokens: 0 }),
    } satisfies inference.InferenceServer);
  }

  static async start(tokens: FleetTokens): Promise<ModelPeer> {
    const peer = new ModelPeer(tokens);
    const port = await new Promise<number>((resolve, reject) => {
      peer.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    peer.#address = `127.0.0.1:${port}`;
    return peer;
  }

  get address(): string {
    return this.#address;
  }

  /** Dies with everything that runs. */
  kill(): void {
    this.#server.forceShutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    return Promise.resolve();
  }
}

/** A token per character, and three more for each message. */
function countOf({ messages, texts }: inference.CountTokensRequest): inference.CountTokensResponse {
  const lengths = messages.map(({ content }) =>
    content.reduce((sum, { part }) => sum + (part?.text.length ?? 0), 3),
  );
  return {
    model: resolved.model,
    messageTokens: lengths.reduce((sum, length) => sum + length, 0),
    textTokens: texts.map((text) => text.length),
  };
}

const resolved: inference.ResolvedModel = {
  waiting: undefined,
  model: { name: 'parley-tiny', digest: 'f'.repeat(64) },
  contextTokens: 1024,
  abilities: {
    grammar: true,
    logitBias: true,
    logprobs: false,
    images: false,
    tools: false,
    embeddings: false,
    continueSupport: inference.ContinueSupport.CONTINUE_SUPPORT_NONE,
  },
  instanceId: 'model-1',
};

import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import type { gateway } from '@parley/contracts';
import { asParleyError, errorStatus, signalOf } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import { modelList } from '../../../domain/model-list.ts';
import { reportFailure, statusOf } from '../../../domain/report-failure.ts';
import type { Turns } from '../../../domain/turns.ts';
import type { Call } from '../../../ports/call.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import type { Models } from '../../../ports/models.ts';
import { decoded } from './assistant-definition.ts';
import type { Decoded } from './assistant-definition.ts';
import { turnTimeoutOf } from './call-deadline.ts';
import { answerHeaders, identityOf, portCall } from './call-identity.ts';
import { chatCommand } from './chat-command.ts';
import { chatKey } from './chat-key.ts';
import type { EventStreams } from './event-streams.ts';
import { responseMessage } from './response-messages.ts';

type Streamed<Req> = ServerWritableStream<Decoded<Req>, gateway.ResponseEvent>;
type Single<Req, Res> = ServerUnaryCall<Decoded<Req>, Res>;

/** The RPCs of the public Assistant service. */
export class AssistantHandlers {
  readonly #turns: Turns;
  readonly #models: Models;
  readonly #streams: EventStreams;
  readonly #events: GatewayEvents;

  constructor(turns: Turns, models: Models, streams: EventStreams, events: GatewayEvents) {
    this.#turns = turns;
    this.#models = models;
    this.#streams = streams;
    this.#events = events;
  }

  readonly chat = (call: Streamed<gateway.ChatRequest>): void => {
    const open = (port: Call) => {
      const request = decoded(call.request);
      const idempotency = chatKey(call, request);
      return this.#turns.start(chatCommand(request, turnTimeoutOf(call)), { ...port, idempotency });
    };
    this.#streams.serve(call, open, '');
  };

  readonly attach = (call: Streamed<gateway.AttachRequest>): void => {
    const { request } = call;
    const open = (port: Call) => {
      const { responseId, startingAfter } = decoded(request);
      return this.#turns.attach(responseId, startingAfter, port);
    };
    this.#streams.serve(call, open, request instanceof ParleyError ? '' : request.responseId);
  };

  readonly cancel = (
    call: Single<gateway.CancelRequest, gateway.Response>,
    answer: sendUnaryData<gateway.Response>,
  ): void => {
    this.#answer(call, answer, async ({ responseId }, port) =>
      responseMessage(await this.#turns.cancel(responseId, port)),
    );
  };

  readonly listModels = (
    call: Single<gateway.ListModelsRequest, gateway.ListModelsResponse>,
    answer: sendUnaryData<gateway.ListModelsResponse>,
  ): void => {
    this.#answer(call, answer, async (_request, port) => ({
      models: modelList(await this.#models.list(port)).data.map(modelMessage),
    }));
  };

  #answer<Req, Res>(
    call: Single<Req, Res>,
    answer: sendUnaryData<Res>,
    work: (request: Req, port: Call) => Promise<Res>,
  ): void {
    const startedAt = performance.now();
    const identity = identityOf(call);
    call.sendMetadata(answerHeaders(identity));
    this.#events.requestStarted('grpc');
    const ended = (status: number): void => {
      const durationMs = performance.now() - startedAt;
      this.#events.requestEnded({ route: call.getPath(), protocol: 'grpc', status, durationMs });
    };
    const run = async (): Promise<void> => {
      try {
        answer(null, await work(decoded(call.request), portCall(identity, signalOf(call))));
        ended(200);
      } catch (thrown) {
        const error = asParleyError(thrown);
        if (!call.cancelled) reportFailure(this.#events, error, identity.requestId);
        answer(errorStatus(error));
        ended(call.cancelled ? 499 : statusOf(error));
      }
    };
    void run();
  }
}

function modelMessage(entry: ReturnType<typeof modelList>['data'][number]): gateway.Model {
  return {
    id: entry.id,
    name: entry.name,
    alias: entry.alias,
    state: entry.state,
    reason: entry.reason ?? '',
    digest: entry.digest,
    engine: entry.engine,
    contextTokens: entry.context_tokens,
    license: entry.license ?? '',
    description: entry.description,
    createdAt: new Date(entry.created * 1000),
  };
}

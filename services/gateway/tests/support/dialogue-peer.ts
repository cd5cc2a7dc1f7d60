import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { common, dialogue, instance } from '@parley/contracts';
import { errorStatus } from '@parley/grpc';
import { newPublicId, ParleyError } from '@parley/kernel';
import { assistantsService, documentsService } from './configured-services.ts';
import { askForFunctions } from './function-calls.ts';
import type { AskedFunction } from './function-calls.ts';
import { GrpcPeer } from './grpc-peer.ts';
import { PeerTurn } from './peer-turn.ts';

/** What a turn says: texts, each a delta. An error thrown before the first is a failed turn. */
export type Answer = (request: dialogue.StartTurnRequest, turn: PeerTurn) => AsyncIterable<string>;

export const model = { name: 'parley-tiny', digest: '0123456789abcdef'.repeat(4) };

const longestWholeText = 100_000;

/** Lets what was said so far leave in a message of its own. */
export async function flushed(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate);
}

async function* hello(): AsyncGenerator<string> {
  yield* ['Hel', 'lo', ' world'];
}

/** Dialogue as the gateway sees it, with answers that a test writes. Its turns outlive `peer.kill()`. */
export class DialoguePeer {
  readonly turns = new Map<string, PeerTurn>();
  readonly requests: dialogue.StartTurnRequest[] = [];
  readonly attaches: dialogue.AttachTurnRequest[] = [];
  readonly metadata: Record<string, unknown>[] = [];
  /** Callers that left before the end. */
  detached = 0;
  /** Entries that callers had room for. */
  sent = 0;
  answer: Answer = hello;
  /** What a turn with functions asks for, in place of its answer: names, and pieces of their arguments. */
  calls: readonly AskedFunction[] = [];
  /** Starts that are cut without an answer, as by an instance that dies. */
  deaths = 0;
  /** What a start is told before it is looked at. */
  waits: () => Iterable<dialogue.StartWaiting> | AsyncIterable<dialogue.StartWaiting> = () => [];
  /** Refuses a turn before it is committed. */
  refuse: (request: dialogue.StartTurnRequest) => ParleyError | undefined = () => undefined;
  /** What an attach is answered with instead. */
  refuseAttach: () => ParleyError | undefined = () => undefined;
  readonly peer = new GrpcPeer([
    [dialogue.TurnsService, this.#implementation()],
    [instance.InstanceService, { describe: this.#describe.bind(this) }],
    assistantsService(),
    documentsService({ instanceId: 'peer' }),
  ]);

  #implementation(): dialogue.TurnsServer {
    return {
      startTurn: (call) => {
        this.metadata.push(call.metadata.getMap());
        if (this.deaths > 0) {
          this.deaths--;
          return void call.emit('error', { code: status.UNAVAILABLE, details: 'Connection dropped' });
        }
        void this.#start(call);
      },
      attachTurn: (call) => {
        this.attaches.push(call.request);
        const turn = this.turns.get(call.request.turnId);
        const refusal =
          this.refuseAttach() ?? (turn === undefined ? unknown(call.request.turnId) : undefined);
        if (refusal !== undefined || turn === undefined) return void call.emit('error', errorStatus(refusal));
        const after = call.request.startingAfter;
        void this.#send(call, turn, after === undefined ? 0 : after + 1);
      },
      cancelTurn: (call, callback) => {
        this.turns.get(call.request.turnId)?.cancel();
        setImmediate(() => this.#answerTurn(call.request.turnId, callback));
      },
      getTurn: (call, callback) => this.#answerTurn(call.request.turnId, callback),
      deleteTurn: (call, callback) => {
        const turn = this.turns.get(call.request.turnId);
        if (turn === undefined) return callback(errorStatus(unknown(call.request.turnId)));
        if (!turn.ended) return callback(errorStatus(new ParleyError('conflict', 'The turn has not ended.')));
        this.turns.delete(call.request.turnId);
        callback(null, {});
      },
    };
  }

  #answerTurn(id: string, callback: sendUnaryData<dialogue.Turn>): void {
    const turn = this.turns.get(id);
    if (turn === undefined) callback(errorStatus(unknown(id)));
    else callback(null, turn.turn);
  }

  #describe(
    _call: ServerUnaryCall<instance.DescribeRequest, instance.DescribeResponse>,
    callback: sendUnaryData<instance.DescribeResponse>,
  ): void {
    callback(null, {
      service: 'dialogue',
      instanceId: 'peer',
      version: '0',
      startedAt: new Date(),
      residentMemoryBytes: 1,
      ready: true,
      checks: [],
    });
  }

  async #start(call: ServerWritableStream<dialogue.StartTurnRequest, dialogue.LogEntries>): Promise<void> {
    for await (const waiting of this.waits()) {
      if (call.cancelled) return void (this.detached += 1);
      if (!call.write({ entries: [], waiting })) await once(call, 'drain');
    }
    const refusal = this.refuse(call.request);
    if (refusal !== undefined) call.emit('error', errorStatus(refusal));
    else await this.#send(call, this.#begin(call.request), 0);
  }

  #begin(request: dialogue.StartTurnRequest): PeerTurn {
    this.requests.push(request);
    const peerTurn = new PeerTurn(turnOf(request));
    if (request.store) this.turns.set(peerTurn.turn.id, peerTurn);
    peerTurn.append({ $case: 'turnCreated', turnCreated: { turn: peerTurn.turn } });
    void this.#run(request, peerTurn);
    return peerTurn;
  }

  async #run(request: dialogue.StartTurnRequest, peerTurn: PeerTurn): Promise<void> {
    if (request.tools !== undefined && this.calls.length > 0) return this.#call(peerTurn);
    const place = { outputIndex: 0, itemId: newPublicId('msg'), contentIndex: 0 };
    let text = '';
    const item = (status: dialogue.ItemStatus) => ({
      outputIndex: 0,
      item: itemOf(place.itemId, text, status),
    });
    try {
      for await (const delta of this.answer(request, peerTurn)) {
        if (text === '') {
          peerTurn.append({ $case: 'turnStarted', turnStarted: { turn: peerTurn.turn } });
          peerTurn.append({
            $case: 'itemAdded',
            itemAdded: item(dialogue.ItemStatus.ITEM_STATUS_IN_PROGRESS),
          });
          peerTurn.append({ $case: 'partAdded', partAdded: place });
        }
        // A whole text of that size would be larger than one message may be.
        if (text.length < longestWholeText) text += delta;
        if (request.deltas) peerTurn.append({ $case: 'textDelta', textDelta: { ...place, text: delta } });
        if (peerTurn.cancelled.aborted) break;
      }
      peerTurn.append({ $case: 'textDone', textDone: { ...place, text } });
      peerTurn.append({ $case: 'partDone', partDone: { ...place, text } });
      peerTurn.append({ $case: 'itemDone', itemDone: item(dialogue.ItemStatus.ITEM_STATUS_COMPLETED) });
      const status = peerTurn.cancelled.aborted
        ? dialogue.TurnStatus.TURN_STATUS_CANCELLED
        : dialogue.TurnStatus.TURN_STATUS_COMPLETED;
      this.#end(peerTurn, {
        status,
        output: [itemOf(place.itemId, text, dialogue.ItemStatus.ITEM_STATUS_COMPLETED)],
      });
    } catch (error) {
      if (error instanceof ParleyError) this.#end(peerTurn, endOf(error, place.itemId, text));
      else throw error;
    }
  }

  #call(peerTurn: PeerTurn): void {
    peerTurn.append({ $case: 'turnStarted', turnStarted: { turn: peerTurn.turn } });
    const output = askForFunctions(this.calls, (entry) => peerTurn.append(entry));
    this.#end(peerTurn, { status: dialogue.TurnStatus.TURN_STATUS_COMPLETED, output });
  }

  #end(peerTurn: PeerTurn, end: Partial<dialogue.Turn>): void {
    const usage = { inputTokens: 11, cachedInputTokens: 0, outputTokens: 3 };
    peerTurn.turn = { ...peerTurn.turn, endedAt: new Date(), usage, ...end };
    peerTurn.append({ $case: 'turnEnded', turnEnded: { turn: peerTurn.turn } });
  }

  async #send(
    call: ServerWritableStream<unknown, dialogue.LogEntries>,
    turn: PeerTurn,
    from: number,
  ): Promise<void> {
    const left = new Promise<void>((resolve) => {
      call.on('cancelled', () => {
        this.detached += 1;
        resolve();
      });
    });
    for await (const entries of turn.read(from)) {
      if (call.cancelled || call.destroyed) return;
      if (!call.write({ entries, waiting: undefined })) await Promise.race([once(call, 'drain'), left]);
      this.sent += entries.length;
    }
    call.end();
  }
}

/** A deadline ends a turn as incomplete; any other error as failed. */
function endOf(error: ParleyError, itemId: string, text: string): Partial<dialogue.Turn> {
  const output = text === '' ? [] : [itemOf(itemId, text, dialogue.ItemStatus.ITEM_STATUS_INCOMPLETE)];
  if (error.code === 'deadline_exceeded') {
    return {
      status: dialogue.TurnStatus.TURN_STATUS_INCOMPLETE,
      incompleteReason: dialogue.IncompleteReason.INCOMPLETE_REASON_DEADLINE,
      output,
    };
  }
  const { code, message, retryable } = error;
  return {
    status: dialogue.TurnStatus.TURN_STATUS_FAILED,
    output,
    error: { code, message, param: error.param ?? '', retryable, retryAfterMs: error.retryAfterMs ?? 0 },
  };
}

function unknown(id: string): ParleyError {
  return new ParleyError('not_found', `There is no response ${id}.`);
}

function itemOf(id: string, text: string, status: dialogue.ItemStatus): dialogue.Item {
  const content: common.ContentPart[] = text === '' ? [] : [{ part: { $case: 'text', text } }];
  return {
    id,
    item: { $case: 'message', message: { role: common.Role.ROLE_ASSISTANT, content, status, name: '' } },
  };
}

function assistantOf(model: string): dialogue.AssistantRef | undefined {
  const name = model.startsWith('assistant:') ? model.slice('assistant:'.length) : undefined;
  return name === undefined ? undefined : { name, version: '1.2.0' };
}

function turnOf(request: dialogue.StartTurnRequest): dialogue.Turn {
  return {
    id: newPublicId('resp'),
    status: dialogue.TurnStatus.TURN_STATUS_IN_PROGRESS,
    createdAt: new Date(),
    endedAt: undefined,
    model,
    input: request.input.map((item) => ({ ...item, id: newPublicId('msg') })),
    output: [],
    instructions: request.instructions,
    previousTurnId: request.previousTurnId,
    store: request.store,
    sampling: request.sampling,
    format: request.format,
    tools: request.tools,
    maxOutputTokens: request.maxOutputTokens,
    metadata: request.metadata,
    usage: undefined,
    timings: undefined,
    finishReason: common.FinishReason.FINISH_REASON_UNSPECIFIED,
    incompleteReason: dialogue.IncompleteReason.INCOMPLETE_REASON_UNSPECIFIED,
    error: undefined,
    assistant: assistantOf(request.model),
    keyed: request.idempotency !== undefined,
  };
}

import { Deadline, ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ModelClient, ResolvedModel } from '../ports/model-client.ts';
import type { AcceptTurn, Caller } from './accept-turn.ts';
import type { LogReader } from './live-log.ts';
import type { LogView } from './log-entry.ts';
import type { PreviousTurns } from './previous-turns.ts';
import { buildPrompt } from './prompt.ts';
import type { RunTurn } from './run-turn.ts';
import type { RunningTurn, TurnDeadlines } from './running-turn.ts';
import { validateStart } from './start-request.ts';
import type { StartRequest } from './start-request.ts';
import type { Item } from './turn.ts';
import type { Slot, TurnRegistry } from './turn-registry.ts';

/** Times allowed where the request names none, and the most a request may ask for; milliseconds. */
export interface TimeLimits {
  readonly clock: Clock;
  readonly firstTokenMs: number;
  readonly mostFirstTokenMs: number;
  readonly totalMs: number;
  readonly mostTotalMs: number;
}

/** A turn that runs, and its starter's place at the head of its log. */
export interface StartedTurn {
  readonly turn: RunningTurn;
  readonly reader: LogReader;
}

/** Takes a request to a running turn. From the commit on the turn is this service's own, whatever its caller does. */
export class StartTurn {
  readonly #registry: TurnRegistry;
  readonly #previous: PreviousTurns;
  readonly #model: ModelClient;
  readonly #steps: { readonly accept: AcceptTurn; readonly run: RunTurn };
  readonly #limits: TimeLimits;

  constructor(
    registry: TurnRegistry,
    previous: PreviousTurns,
    model: ModelClient,
    steps: { readonly accept: AcceptTurn; readonly run: RunTurn },
    limits: TimeLimits,
  ) {
    this.#registry = registry;
    this.#previous = previous;
    this.#model = model;
    this.#steps = steps;
    this.#limits = limits;
  }

  /**
   * @param signal the caller's: until the commit it ends the work, after it no more.
   * @throws ParleyError what was wrong with the request or the model; no turn was accepted then.
   */
  async start(
    request: StartRequest,
    caller: Caller,
    view: LogView,
    signal: AbortSignal,
  ): Promise<StartedTurn> {
    const slot = this.#registry.reserve();
    try {
      validateStart(request);
      const deadlines = this.#deadlines(request);
      const before = await this.#before(request, caller);
      const resolved = await this.#resolve(request, caller, deadlines, signal);
      if (signal.aborted) throw new ParleyError('cancelled', 'The caller left before the turn was accepted.');
      const turn = await this.#steps.accept.accept(request, resolved.model, caller, deadlines);
      slot.fill(turn);
      const reader = turn.attach(-1, view);
      void this.#run(turn, request, before, slot);
      return { turn, reader };
    } catch (error) {
      slot.free();
      throw error;
    }
  }

  async #run(turn: RunningTurn, request: StartRequest, before: readonly Item[], slot: Slot): Promise<void> {
    const prompt = buildPrompt(turn.document.turn, request, before, turn.document.subject.tenant);
    await this.#steps.run.run(turn, prompt).finally(() => slot.free());
  }

  async #before(request: StartRequest, caller: Caller): Promise<readonly Item[]> {
    if (request.previousTurnId === '') return [];
    return this.#previous.items(request.previousTurnId, caller.tenant.tenant);
  }

  async #resolve(
    request: StartRequest,
    caller: Caller,
    deadlines: TurnDeadlines,
    signal: AbortSignal,
  ): Promise<ResolvedModel> {
    const { tenant, traceparent } = caller;
    const resolved = await this.#model.resolve(request.model, {
      tenant,
      traceparent,
      deadline: deadlines.firstToken,
      signal,
    });
    const { abilities, model } = resolved;
    if (request.format.type !== 'text' && !abilities.grammar)
      throw unable(model.name, 'format', 'a set output format');
    if (Object.keys(request.sampling.logitBias).length > 0 && !abilities.logitBias) {
      throw unable(model.name, 'logit_bias', 'a logit bias');
    }
    return resolved;
  }

  #deadlines(request: StartRequest): TurnDeadlines {
    const { clock, firstTokenMs, mostFirstTokenMs, totalMs, mostTotalMs } = this.#limits;
    const total = Deadline.in(Math.min(request.totalTimeoutMs || totalMs, mostTotalMs), clock);
    return {
      total,
      firstToken: total.atMost(Math.min(request.firstTokenTimeoutMs || firstTokenMs, mostFirstTokenMs)),
    };
  }
}

function unable(model: string, param: string, what: string): ParleyError {
  return new ParleyError('unsupported', `The engine of model '${model}' cannot do ${what}.`, { param });
}

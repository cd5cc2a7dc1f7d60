import { Deadline, ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ModelClient, ResolvedModel } from '../../ports/model-client.ts';
import type { AcceptTurn, Caller, TurnName } from './accept-turn.ts';
import type { LogReader } from '../log/live-log.ts';
import type { LogView } from '../log/log-entry.ts';
import type { PreviousConversation, PreviousTurns } from './previous-turns.ts';
import type { AskedTurn, PlanTurn, TurnPlan } from './plan-turn.ts';
import { requireCalls } from './require-calls.ts';
import type { RunTurn } from '../run/run-turn.ts';
import type { RunningTurn, TurnDeadlines } from '../turn/running-turn.ts';
import { validateStart } from './start-request.ts';
import type { StartRequest } from './start-request.ts';
import type { Slot, TurnRegistry } from '../turn/turn-registry.ts';
import type { StartWait, SwitchWaits } from '../run/switch-waits.ts';

/** Times allowed where the request names none, and the most a request may ask for; milliseconds. */
export interface TimeLimits {
  readonly clock: Clock;
  readonly firstTokenMs: number;
  readonly mostFirstTokenMs: number;
  readonly totalMs: number;
  readonly mostTotalMs: number;
}

/** What a start goes through. */
export interface StartSteps {
  readonly plan: PlanTurn;
  readonly waits: SwitchWaits;
  readonly accept: AcceptTurn;
  readonly run: RunTurn;
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
  readonly #steps: StartSteps;
  readonly #limits: TimeLimits;

  constructor(
    registry: TurnRegistry,
    previous: PreviousTurns,
    model: ModelClient,
    steps: StartSteps,
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
   * @param name undefined: a new one.
   * @throws ParleyError what was wrong with the request or the model; no turn was accepted then. `conflict` when there is
   * a turn of that name.
   */
  async start(
    request: StartRequest,
    caller: Caller,
    view: LogView,
    signal: AbortSignal,
    name?: TurnName,
  ): Promise<StartedTurn> {
    const slot = await this.#registry.reserve();
    try {
      validateStart(request);
      const asked = this.#steps.plan.asked(request);
      let deadlines = this.#deadlines(request);
      const before = await this.#before(request, caller);
      requireCalls(before.items, request.input);
      const { total: deadline } = deadlines;
      const onWait = (wait: StartWait): void => {
        caller.onWait?.(wait);
        // The time in which the first token must come begins when the switch has ended.
        deadlines = { total: deadline, firstToken: this.#firstToken(request, deadline) };
      };
      const resolve = (): Promise<ResolvedModel> => this.#resolve(asked, caller, deadlines, signal);
      const resolved = await this.#steps.waits.until(resolve, { deadline, signal, onWait });
      const plan = await this.#steps.plan.plan(asked, before, resolved);
      if (signal.aborted) throw new ParleyError('cancelled', 'The caller left before the turn was accepted.');
      const turn = await this.#steps.accept.accept(plan, caller, deadlines, name);
      slot.fill(turn);
      const reader = turn.attach(-1, view);
      void this.#run(turn, plan, slot);
      return { turn, reader };
    } catch (error) {
      slot.free();
      throw error;
    }
  }

  async #run(turn: RunningTurn, plan: TurnPlan, slot: Slot): Promise<void> {
    const prepare = () => this.#steps.plan.source(turn, plan);
    await this.#steps.run.run(turn, prepare).finally(() => slot.free());
  }

  async #before(request: StartRequest, caller: Caller): Promise<PreviousConversation> {
    if (request.previousTurnId === '') return { items: [], states: [] };
    return this.#previous.conversation(request.previousTurnId, caller.tenant.tenant);
  }

  async #resolve(
    { request }: AskedTurn,
    caller: Caller,
    deadlines: TurnDeadlines,
    signal: AbortSignal,
  ): Promise<ResolvedModel> {
    const { tenant, traceparent } = caller;
    const needs = { tools: request.tools !== undefined && request.tools.choice !== 'none' };
    const scope = { tenant, traceparent, deadline: deadlines.firstToken, signal };
    const resolved = await this.#model.resolve(request.model, scope, needs);
    const { abilities, model } = resolved;
    if (request.format.type !== 'text' && !abilities.grammar)
      throw unable(model.name, 'format', 'a set output format');
    if (Object.keys(request.sampling.logitBias).length > 0 && !abilities.logitBias) {
      throw unable(model.name, 'logit_bias', 'a logit bias');
    }
    // An instance of the version before does not look at what is needed.
    if (needs.tools && !abilities.tools) throw unable(model.name, 'tools', 'calls of functions');
    return resolved;
  }

  #deadlines(request: StartRequest): TurnDeadlines {
    const { clock, totalMs, mostTotalMs } = this.#limits;
    const total = Deadline.in(Math.min(request.totalTimeoutMs || totalMs, mostTotalMs), clock);
    return { total, firstToken: this.#firstToken(request, total) };
  }

  #firstToken(request: StartRequest, total: Deadline): Deadline {
    const { firstTokenMs, mostFirstTokenMs } = this.#limits;
    return total.atMost(Math.min(request.firstTokenTimeoutMs || firstTokenMs, mostFirstTokenMs));
  }
}

function unable(model: string, param: string, what: string): ParleyError {
  return new ParleyError('unsupported', `The engine of model '${model}' cannot do ${what}.`, { param });
}

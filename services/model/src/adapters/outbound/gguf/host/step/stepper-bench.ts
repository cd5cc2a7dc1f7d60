import type { ParleyError } from '@parley/kernel';
import type { CacheScope } from '../../../../../ports/cache-scope.ts';
import type { StepFigures } from '../../../../../ports/load-progress.ts';
import type { AnswerJob } from '../answer/answer-job.ts';
import { byteVocabulary, FakeSampler, FakeStepBatch } from './fake-step-batch.ts';
import { noScope } from '../prefix/cache-scope.ts';
import type { KeptBeginnings } from '../prefix/kept-beginnings.ts';
import type { Sampled } from './step-batch.ts';
import type { StepEvent } from '../answer/step-events.ts';
import { Stepper } from './stepper.ts';

/** What a job asks for, where it matters to a test. */
export interface Ask {
  /** Its tokens, or how many. */
  readonly prompt?: number | readonly number[];
  readonly answer?: readonly Sampled[];
  readonly max?: number;
  readonly stop?: readonly string[];
  readonly priority?: number;
  readonly deadlineAt?: number;
  readonly tenant?: string;
  readonly scope?: Partial<CacheScope>;
}

/** What a bench may set beside its size. */
export interface BenchSettings {
  readonly targetGapMs?: number;
  readonly contextTokens?: number;
  readonly maxTokens?: number;
  readonly maxWaitMs?: number;
  readonly kept?: KeptBeginnings;
}

/** A stepper on the fake batch, with all it says. */
export class StepperBench {
  readonly batch: FakeStepBatch;
  readonly events: StepEvent[] = [];
  readonly messages: { events: readonly StepEvent[]; figures: StepFigures | undefined }[] = [];
  readonly samplers: FakeSampler[] = [];
  now = 0;
  readonly stepper: Stepper<FakeSampler>;

  constructor(
    slots = 2,
    maxRequests = 10,
    promptTokensPerStep = 8,
    settings: BenchSettings = {},
    batch = new FakeStepBatch(),
  ) {
    this.batch = batch;
    const { targetGapMs = 0, contextTokens = 1000, kept, ...limits } = settings;
    this.stepper = new Stepper({
      batch: this.batch,
      vocabulary: byteVocabulary,
      admission: { model: 'fake', slots, maxRequests, ...limits },
      contextTokens,
      promptTokensPerStep,
      targetGapMs,
      kept,
      now: () => this.now,
      emit: (events, figures) => {
        this.messages.push({ events, figures });
        this.events.push(...events);
      },
    });
  }

  /** Whether the job was taken. */
  submit(id: string, ask: Ask = {}): boolean {
    return this.refusal(id, ask) === undefined;
  }

  /** What the job is refused with; undefined when it was taken. */
  refusal(id: string, ask: Ask = {}): ParleyError | undefined {
    const { prompt = 3 } = ask;
    const job: AnswerJob<FakeSampler> = {
      id,
      prompt: typeof prompt === 'number' ? tokens(prompt) : Uint32Array.from(prompt),
      scope: { ...noScope, ...ask.scope },
      tenant: ask.tenant ?? '',
      maxOutputTokens: ask.max ?? 100,
      stop: ask.stop ?? [],
      priority: ask.priority ?? 0,
      deadlineAt: ask.deadlineAt,
      openSampler: () => {
        const sampler = new FakeSampler(ask.answer ?? bytes('Hi'));
        this.samplers.push(sampler);
        return sampler;
      },
    };
    return this.stepper.submit(job);
  }

  async idle(): Promise<void> {
    while (this.stepper.running + this.stepper.queued > 0)
      await new Promise((resolve) => setImmediate(resolve));
  }

  text(id: string): string {
    return this.events.map((event) => (event.type === 'chunk' && event.id === id ? event.text : '')).join('');
  }

  end(id: string): StepEvent | undefined {
    return this.events.find((event) => event.id === id && event.type !== 'chunk');
  }

  /** How many tokens of a finished answer's prompt were reused. */
  reused(id: string): number | undefined {
    const end = this.end(id);
    return end?.type === 'finished' ? end.cachedTokens : undefined;
  }
}

/** The tokens of a text in the fake's vocabulary. */
export function bytes(text: string): number[] {
  return [...Buffer.from(text)];
}

function tokens(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index + 1);
}

import type { StepFigures } from '../../../../ports/engine.ts';
import type { AnswerJob } from './answer-job.ts';
import { byteVocabulary, FakeSampler, FakeStepBatch } from './fake-step-batch.ts';
import type { Sampled } from './step-batch.ts';
import { Stepper } from './stepper.ts';
import type { StepEvent } from './stepper.ts';

/** What a job asks for, where it matters to a test. */
export interface Ask {
  readonly prompt?: number;
  readonly answer?: readonly Sampled[];
  readonly max?: number;
  readonly stop?: readonly string[];
  readonly priority?: number;
  readonly deadlineAt?: number;
}

/** A stepper on the fake batch, with all it says. */
export class StepperBench {
  readonly batch = new FakeStepBatch();
  readonly events: StepEvent[] = [];
  readonly messages: { events: readonly StepEvent[]; figures: StepFigures | undefined }[] = [];
  readonly samplers: FakeSampler[] = [];
  now = 0;
  readonly stepper: Stepper<FakeSampler>;

  constructor(slots = 2, maxQueued = 10, promptTokensPerStep = 8) {
    this.stepper = new Stepper({
      batch: this.batch,
      vocabulary: byteVocabulary,
      slots,
      maxQueued,
      promptTokensPerStep,
      now: () => this.now,
      emit: (events, figures) => {
        this.messages.push({
          events,
          figures,
        });
        this.events.push(...events);
      },
    });
  }

  submit(id: string, ask: Ask = {}): boolean {
    const job: AnswerJob<FakeSampler> = {
      id,
      prompt: Uint32Array.from({ length: ask.prompt ?? 3 }, (_, index) => index + 1),
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
}

/** The tokens of a text in the fake's vocabulary. */
export function bytes(text: string): number[] {
  return [...Buffer.from(text)];
}

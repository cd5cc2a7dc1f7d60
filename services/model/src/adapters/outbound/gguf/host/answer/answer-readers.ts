import { AnswerReader } from '../../../engine-parts/answer-reader.ts';
import type { Reading } from '../../../engine-parts/answer-reader.ts';
import type { StepEvent } from './step-events.ts';

interface OpenReader {
  readonly reader: AnswerReader;
  outputTokens: number;
}

type ReaderUpdate = ReturnType<AnswerReader['push']>[number];

/** Between the stepper and the service: reads answers whose text is more than text. */
export class AnswerReaders {
  readonly #readers = new Map<string, OpenReader>();
  readonly #stop: (id: string) => void;

  /** @param stop ends an answer that is complete before its model is done; its `failed` is taken for its end */
  constructor(stop: (id: string) => void) {
    this.#stop = stop;
  }

  /** From now on the answer is read so. */
  open(id: string, reading: Reading): void {
    if (reading.calls === undefined && reading.thoughts === undefined) return;
    this.#readers.set(id, { reader: new AnswerReader(reading), outputTokens: 0 });
  }

  /** The answer never began. */
  forget(id: string): void {
    this.#readers.delete(id);
  }

  read(events: readonly StepEvent[]): readonly StepEvent[] {
    return this.#readers.size === 0 ? events : events.flatMap((event) => this.#read(event));
  }

  #read(event: StepEvent): readonly StepEvent[] {
    const open = this.#readers.get(event.id);
    if (open === undefined) return [event];
    const { reader } = open;
    switch (event.type) {
      case 'chunk': {
        if (reader.isComplete) return [];
        open.outputTokens += event.tokenIds.length;
        const updates = reader.push(event.text, event.tokenIds).map((update) => stepEvent(event.id, update));
        if (reader.isComplete) queueMicrotask(() => this.#stop(event.id));
        return updates;
      }
      case 'finished': {
        this.#readers.delete(event.id);
        const rest = reader.end().map((update) => stepEvent(event.id, update));
        return [...rest, { ...event, reason: reader.reason(event.reason) }];
      }
      case 'failed': {
        this.#readers.delete(event.id);
        if (!reader.isComplete) return [event];
        const { outputTokens } = open;
        return [{ type: 'finished', id: event.id, reason: 'tool-calls', outputTokens, queueMs: 0 }];
      }
      case 'tool-call':
        return [event];
    }
  }
}

function stepEvent(id: string, update: ReaderUpdate): StepEvent {
  if (update.type === 'chunk') return { ...update, id };
  const { index, name, arguments: written, tokenIds } = update;
  return { type: 'tool-call', id, index, callId: update.id, name, arguments: written, tokenIds };
}

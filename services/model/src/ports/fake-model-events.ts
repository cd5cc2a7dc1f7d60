import type { ParleyError } from '@parley/kernel';
import type { StepFigures } from './engine.ts';
import type {
  AnswerEvents,
  AnswerReport,
  LoadedFact,
  ModelEvents,
  ModelIdentity,
  ModelPhase,
  SlotUse,
} from './model-events.ts';

/** Remembers what it is told. */
export class FakeModelEvents implements ModelEvents, AnswerEvents {
  readonly phases: [model: string, phase: ModelPhase][] = [];
  readonly loads: LoadedFact[] = [];
  readonly failures: { model: ModelIdentity; code: string; message: string }[] = [];
  readonly steps: StepFigures[] = [];
  readonly reports: AnswerReport[] = [];
  readonly use = new Map<string, SlotUse>();

  phaseChanged(model: string, phase: ModelPhase): void {
    this.phases.push([model, phase]);
  }

  loaded(fact: LoadedFact): void {
    this.loads.push(fact);
  }

  failed(model: ModelIdentity, error: ParleyError): void {
    this.failures.push({ model, code: error.code, message: error.message });
  }

  stepped(_model: string, figures: StepFigures): void {
    this.steps.push(figures);
  }

  occupied(model: string, use: SlotUse): void {
    this.use.set(model, use);
  }

  ended(report: AnswerReport): void {
    this.reports.push(report);
  }
}

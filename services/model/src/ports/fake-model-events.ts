import type { ParleyError } from '@parley/kernel';
import type { StepFigures } from './load-progress.ts';
import type {
  AnswerEvents,
  AnswerReport,
  LoadedFact,
  ModelEvents,
  ModelIdentity,
  ModelPhase,
  SlotUse,
  SwitchedFact,
} from './model-events.ts';

/** Remembers what it is told. */
export class FakeModelEvents implements ModelEvents, AnswerEvents {
  readonly phases: [model: string, phase: ModelPhase][] = [];
  readonly loads: LoadedFact[] = [];
  readonly failures: { model: ModelIdentity; code: string; message: string }[] = [];
  readonly steps: StepFigures[] = [];
  readonly reports: AnswerReport[] = [];
  readonly unloads: ModelIdentity[] = [];
  readonly warnings: [model: string, warning: string][] = [];
  readonly switches: SwitchedFact[] = [];
  readonly follows: { alias: string; from: string; to: string; generation: number }[] = [];
  readonly fallbacks: { alias: string; wanted: string; configured: string; reason: string }[] = [];
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

  warned(model: string, warning: string): void {
    this.warnings.push([model, warning]);
  }

  unloaded(model: ModelIdentity): void {
    this.unloads.push(model);
  }

  memoryTaken(): void {}

  documentsTaken(): void {}

  followed(alias: string, from: string, to: ModelIdentity, generation: number): void {
    this.follows.push({ alias, from, to: to.name, generation });
  }

  fleetUnheard(): void {}

  switched(fact: SwitchedFact): void {
    this.switches.push(fact);
  }

  fellBack(alias: string, wanted: string, configured: string, reason: string): void {
    this.fallbacks.push({ alias, wanted, configured, reason });
  }

  unusable(model: string, error: ParleyError): void {
    this.failures.push({ model: { name: model, digest: '' }, code: error.code, message: error.message });
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

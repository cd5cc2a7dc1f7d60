import type { FlowStep } from '../../../domain/flow/flow-definition.ts';
import { FlowConditions } from './flow-conditions.ts';
import type { FlowFaults } from './flow-faults.ts';
import type { FlowDocument } from './flow-schema.ts';

/** The steps of a document. Every slot has its place in one of them, and the last one says what came of it. */
export function compileSteps({ spec }: FlowDocument, faults: FlowFaults): readonly FlowStep[] {
  const conditions = new FlowConditions(spec.slots, faults);
  checkCollected(spec, faults);
  const last = spec.steps.length - 1;
  if (spec.steps[last]?.say === undefined || spec.steps[last].if !== undefined) {
    faults.add(
      ['spec', 'steps', last],
      'must be a say without a condition: a flow ends with a word to the user',
    );
  }
  return spec.steps.map((step, index): FlowStep => {
    if (step.collect !== undefined) return { kind: 'collect', slots: step.collect };
    const path = ['spec', 'steps', index, 'if'];
    const applies = step.if === undefined ? () => true : conditions.compile(path, step.if);
    return step.confirm === undefined
      ? { kind: 'say', message: step.say ?? '', applies }
      : { kind: 'confirm', message: step.confirm, applies };
  });
}

function checkCollected({ slots, steps }: FlowDocument['spec'], faults: FlowFaults): void {
  const collected = new Set<string>();
  for (const [index, { collect = [] }] of steps.entries()) {
    for (const [place, slot] of collect.entries()) {
      const path = ['spec', 'steps', index, 'collect', place];
      if (!(slot in slots)) faults.add(path, `is no slot: ${Object.keys(slots).join(', ')}`);
      if (collected.has(slot)) faults.add(path, 'is collected by another step already');
      collected.add(slot);
    }
  }
  for (const slot of Object.keys(slots)) {
    if (!collected.has(slot)) faults.add(['spec', 'slots', slot], 'is collected by no step');
  }
}

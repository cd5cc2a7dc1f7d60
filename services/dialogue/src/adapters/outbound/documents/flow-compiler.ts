import type { FlowDefinition } from '../../../domain/flow/flow-definition.ts';
import { FlowFaults } from './flow-faults.ts';
import type { FlowSource } from './flow-faults.ts';
import { compileMessages } from './flow-messages.ts';
import { anyPattern } from './flow-patterns.ts';
import { compileSlots } from './flow-slots.ts';
import { compileSteps } from './flow-steps.ts';

/**
 * Makes a flow of its document: conditions and patterns are compiled once, names are looked up.
 * @throws DocumentError with a fault, its line and its path for everything that is wrong.
 */
export function compileFlow({ digest, parsed, value }: FlowSource): FlowDefinition {
  const { metadata, spec, tests } = value;
  const faults = new FlowFaults(parsed);
  const flow: FlowDefinition = {
    name: metadata.name,
    version: metadata.version,
    digest,
    starts: anyPattern(['spec', 'start', 'when'], spec.start.when, faults),
    atFirstMessage: spec.start.atFirstMessage,
    slots: compileSlots(value, faults),
    steps: compileSteps(value, faults),
    stuckAfter: spec.repair.stuck.after,
    messages: compileMessages(value, faults),
    tests: tests.map(({ name, locale, turns }) => ({ name, locale, turns })),
  };
  if (Object.values(spec.start.when).flat().length === 0 && !spec.start.atFirstMessage) {
    faults.add(['spec', 'start'], 'must have patterns in `when`, or atFirstMessage: nothing starts the flow');
  }
  faults.throwAny();
  return flow;
}

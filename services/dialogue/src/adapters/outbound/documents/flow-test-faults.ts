import type { DocumentFault } from '@parley/config';
import type { FlowDefinition } from '../../../domain/flow/flow-definition.ts';
import { runFlowTests } from '../../../domain/flow/run-flow-tests.ts';
import type { FlowSource } from './flow-faults.ts';

/** Runs a document's own tests: a fault at the place of each that fails. */
export function flowTestFaults({ parsed }: FlowSource, flow: FlowDefinition): readonly DocumentFault[] {
  return runFlowTests(flow)
    .filter(({ ok }) => !ok)
    .flatMap(
      ({ index, name, detail }) =>
        parsed.error(['tests', index], `the test "${name}" fails: ${detail}`).faults,
    );
}

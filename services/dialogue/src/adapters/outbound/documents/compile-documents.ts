import { documentsOf } from '@parley/config';
import type { Compiled, DocumentKind, LoadedDocument } from '@parley/config';
import type { Assistant } from '../../../domain/assistant/assistant.ts';
import type { FlowDefinition } from '../../../domain/flow/flow-definition.ts';
import type { ContextMemory } from '../../../domain/strategy/memory/context-memory.ts';
import { assistantKind } from './assistant-schema.ts';
import { assistantOf, referencesOf } from './compile-assistant.ts';
import { compileMemory } from './compile-memory.ts';
import type { ConversationTestDocument } from './conversation-test-schema.ts';
import { compileFlow } from './flow-compiler.ts';
import { flowKind } from './flow-schema.ts';
import { flowTestFaults } from './flow-test-faults.ts';
import { memoryStrategyKind } from './memory-strategy-schema.ts';
import { plainAssistant, runOwnTests } from './own-tests.ts';
import type { OwnTestResult } from './own-tests.ts';
import { Refusals } from './refusals.ts';

/** The kinds of documents that this service reads. */
export const dialogueKinds: readonly DocumentKind[] = [assistantKind, memoryStrategyKind, flowKind];

/** The assistants in effect, by name, in order of their names. */
export type Assistants = ReadonlyMap<string, Assistant>;

/** Is told how the own tests of an assistant or a memory went. */
type OnTested = (document: LoadedDocument, results: readonly OwnTestResult[]) => void;

/** Makes assistants of documents: references, compilation, and each document's own tests. */
export async function compileDocuments(
  documents: readonly LoadedDocument[],
  onTested: OnTested = () => undefined,
): Promise<Compiled<Assistants>> {
  const refusals = new Refusals();
  const memories = await compileMemories(documents, refusals, onTested);
  const flows = compileFlows(documents, refusals);
  const refused = new Set(Array.from(refusals.documents, ({ kind, name }) => `${kind} ${name}`));
  const assistants = new Map<string, Assistant>();
  for (const document of documentsOf(documents, assistantKind)) {
    // Nothing of this round takes effect then; the next one knows what becomes of what it refers to.
    if (referencesOf(document).some((reference) => refused.has(reference))) continue;
    const assistant = refusals.attempt(document, () => assistantOf(document, { memories, flows }));
    if (assistant === undefined) continue;
    if (await passes(document, document.value.tests, assistant, refusals, onTested)) {
      assistants.set(assistant.name, assistant);
    }
  }
  const value = new Map([...assistants].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { value, faults: refusals.faults, refused: [...refusals.documents] };
}

async function compileMemories(
  documents: readonly LoadedDocument[],
  refusals: Refusals,
  onTested: OnTested,
): Promise<ReadonlyMap<string, ContextMemory>> {
  const memories = new Map<string, ContextMemory>();
  for (const document of documentsOf(documents, memoryStrategyKind)) {
    const memory = refusals.attempt(document, () => compileMemory(document));
    if (memory === undefined) continue;
    if (await passes(document, document.value.tests, plainAssistant(memory), refusals, onTested)) {
      memories.set(document.name, memory);
    }
  }
  return memories;
}

function compileFlows(
  documents: readonly LoadedDocument[],
  refusals: Refusals,
): ReadonlyMap<string, FlowDefinition> {
  const flows = new Map<string, FlowDefinition>();
  for (const document of documentsOf(documents, flowKind)) {
    const flow = refusals.attempt(document, () => compileFlow(document));
    if (flow === undefined) continue;
    const faults = flowTestFaults(document, flow);
    if (faults.length > 0) refusals.refuse(document, faults);
    else flows.set(document.name, flow);
  }
  return flows;
}

async function passes(
  document: LoadedDocument,
  tests: readonly ConversationTestDocument[],
  assistant: Assistant,
  refusals: Refusals,
  onTested: OnTested,
): Promise<boolean> {
  const results = await runOwnTests(document, tests, assistant);
  onTested(document, results);
  const faults = results.flatMap((result) => result.faults);
  if (faults.length > 0) refusals.refuse(document, faults);
  return faults.length === 0;
}

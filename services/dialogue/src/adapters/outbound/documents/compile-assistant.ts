import type { FaultPath, LoadedDocument } from '@parley/config';
import type { Assistant } from '../../../domain/assistant/assistant.ts';
import type { FlowDefinition } from '../../../domain/flow/flow-definition.ts';
import { FlowStrategy } from '../../../domain/strategy/flow-strategy.ts';
import type { ContextMemory } from '../../../domain/strategy/memory/context-memory.ts';
import type { AssistantDocument } from './assistant-schema.ts';
import { limitsOf, windowMemory } from './compile-memory.ts';

/** What an assistant may refer to. */
export interface AssistantParts {
  readonly memories: ReadonlyMap<string, ContextMemory>;
  readonly flows: ReadonlyMap<string, FlowDefinition>;
}

/** The documents that an assistant refers to, as `<kind> <name>`. */
export function referencesOf({ value }: LoadedDocument<AssistantDocument>): readonly string[] {
  const { flows, memory } = value.spec;
  const strategy = memory?.strategy === undefined ? [] : [`MemoryStrategy ${memory.strategy}`];
  return [...flows.map((name) => `Flow ${name}`), ...strategy];
}

/** @throws DocumentError when it refers to what is not there. */
export function assistantOf(document: LoadedDocument<AssistantDocument>, parts: AssistantParts): Assistant {
  const { metadata, spec } = document.value;
  const flows = spec.flows.map((name, index) =>
    referred(document, ['spec', 'flows', index], { kind: 'Flow', name, of: parts.flows }),
  );
  const memory = memoryOf(document, parts);
  const { maxTokens, ...sampling } = spec.sampling;
  return {
    name: document.name,
    version: document.version,
    title: metadata.title,
    description: metadata.description,
    model: spec.model,
    instructions: spec.instructions ?? {},
    sampling,
    maxOutputTokens: maxTokens ?? 0,
    stop: spec.stop,
    // A flow hears the user first; a memory listens in any case.
    strategies: [
      ...(flows.length === 0 ? [] : [new FlowStrategy(flows)]),
      ...(memory === undefined ? [] : [memory]),
    ],
    uses: [...spec.flows, ...(spec.memory?.strategy === undefined ? [] : [spec.memory.strategy])],
  };
}

function memoryOf(
  document: LoadedDocument<AssistantDocument>,
  { memories }: AssistantParts,
): ContextMemory | undefined {
  const { memory } = document.value.spec;
  if (memory === undefined) return undefined;
  const window = limitsOf(memory.window ?? {});
  if (memory.strategy === undefined) return windowMemory(document, window);
  const reference = { kind: 'MemoryStrategy', name: memory.strategy, of: memories };
  return referred(document, ['spec', 'memory', 'strategy'], reference).narrowed(window);
}

interface Reference<T> {
  readonly kind: string;
  readonly name: string;
  readonly of: ReadonlyMap<string, T>;
}

function referred<T>({ parsed }: LoadedDocument, path: FaultPath, { kind, name, of }: Reference<T>): T {
  const found = of.get(name);
  if (found !== undefined) return found;
  const there = of.size === 0 ? 'there are none' : `there are: ${[...of.keys()].join(', ')}`;
  throw parsed.error(path, `there is no ${kind} '${name}'; ${there}`);
}

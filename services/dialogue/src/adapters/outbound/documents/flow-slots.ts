import type { FaultPath } from '@parley/config';
import type { LocaleText } from '../../../domain/assistant/locale-text.ts';
import type { EnumValue, SlotDefinition } from '../../../domain/flow/flow-definition.ts';
import type { SlotValue } from '../../../domain/flow/slot-value.ts';
import { fits } from '../../../domain/flow/slot-values.ts';
import { valuePlaceholder } from '../../../domain/flow/standard-messages.ts';
import { FlowConditions } from './flow-conditions.ts';
import type { FlowFaults } from './flow-faults.ts';
import { wholePattern } from './flow-patterns.ts';
import type { FlowDocument, SlotDocument } from './flow-schema.ts';

/** The slots of a document, in its order; the conditions of each know those before it. */
export function compileSlots({ spec }: FlowDocument, faults: FlowFaults): readonly SlotDefinition[] {
  const before: Record<string, SlotDocument> = {};
  return Object.entries(spec.slots).map(([name, slot]) => {
    const path = ['spec', 'slots', name];
    if (name === valuePlaceholder)
      faults.add(path, `must have another name: {${name}} has a meaning of its own`);
    const compiled = compileSlot(name, slot, new FlowConditions(before, faults), faults);
    checkDefault(path, compiled, faults);
    before[name] = slot;
    return compiled;
  });
}

function compileSlot(
  name: string,
  slot: SlotDocument,
  conditions: FlowConditions,
  faults: FlowFaults,
): SlotDefinition {
  const path = ['spec', 'slots', name];
  const needed = slot.needed === undefined ? undefined : conditions.compile([...path, 'needed'], slot.needed);
  const rejects = slot.reject.map((rule, index) => {
    const when = conditions.compile([...path, 'reject', index, 'if'], rule.if, slot);
    return {
      say: rule.say,
      when: (value: SlotValue, slots: Parameters<typeof when>[0]) => when(slots, value),
    };
  });
  const any = {
    name,
    called: [...new Set([...Object.values(slot.called).flat(), wordsOf(name)])],
    default: slot.default,
    needed: needed ?? (() => true),
    rejects,
    ask: slot.ask ?? askOf(name),
  };
  switch (slot.type) {
    case 'enum':
      return { ...any, type: 'enum', values: enumValues(path, slot, faults) };
    case 'integer':
      return { ...any, type: 'integer' };
    case 'text': {
      const { pattern } = slot;
      const matches = pattern === undefined ? undefined : wholePattern([...path, 'pattern'], pattern, faults);
      return { ...any, type: 'text', matches };
    }
  }
}

/** The message that asks for a slot which names none. */
export function askOf(name: string): string {
  return `ask_${name}`;
}

/** `deliveryMode` is called "delivery mode". */
function wordsOf(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}

function enumValues(
  path: FaultPath,
  { values, labels, synonyms }: SlotDocument & { type: 'enum' },
  faults: FlowFaults,
): readonly EnumValue[] {
  for (const [field, record] of Object.entries({ labels, synonyms })) {
    for (const value of Object.keys(record)) {
      if (!values.includes(value))
        faults.add([...path, field, value], `is none of the values: ${values.join(', ')}`);
    }
  }
  const owners = new Map<string, string>();
  return values.map((value, index) => {
    const label: LocaleText = labels[value] ?? {};
    const said = [...new Set([value, ...Object.values(label), ...(synonyms[value] ?? [])])];
    for (const phrase of said.map((text) => text.normalize('NFKC').toLowerCase())) {
      const owner = owners.get(phrase);
      if (owner !== undefined && owner !== value) {
        faults.add([...path, 'values', index], `"${phrase}" means ${owner} and ${value}`);
      }
      owners.set(phrase, value);
    }
    return { value, label, said };
  });
}

function checkDefault(path: FaultPath, slot: SlotDefinition, faults: FlowFaults): void {
  const value = slot.default;
  if (value === undefined) return;
  if (!fits(slot, value)) faults.add([...path, 'default'], 'must be a value that the slot can hold');
  else if (slot.rejects.some((rule) => rule.when(value, {}))) {
    faults.add([...path, 'default'], 'must be a value that the slot does not reject');
  }
}

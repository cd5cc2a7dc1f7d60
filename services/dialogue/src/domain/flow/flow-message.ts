import { textFor } from '../assistant/locale-text.ts';
import type { FlowDefinition } from './flow-definition.ts';
import type { SlotValue, Slots } from './slot-value.ts';
import { valuePlaceholder } from './standard-messages.ts';

/** A message to be said, with the values that it is said with. */
export interface MessageRef {
  readonly message: string;
  readonly slots: Slots;
  /** What `{value}` stands for. */
  readonly about?: { readonly slot: string; readonly value: SlotValue } | undefined;
}

const placeholder = /\{([^{}]*)\}/g;

/** The names in braces that a text asks for. */
export function placeholdersOf(text: string): readonly string[] {
  return [...text.matchAll(placeholder)].map(([, name = '']) => name);
}

/** The text of messages in the best of the locales. A slot without a value is an empty place. */
export function renderMessages(
  flow: FlowDefinition,
  messages: readonly MessageRef[],
  locales: readonly string[],
): string {
  return messages
    .map(({ message, slots, about }) =>
      textFor(flow.messages[message] ?? {}, locales).replaceAll(placeholder, (_, name: string) => {
        if (name === valuePlaceholder && about !== undefined)
          return shown(flow, about.slot, about.value, locales);
        return shown(flow, name, slots[name], locales);
      }),
    )
    .join('\n');
}

function shown(
  flow: FlowDefinition,
  name: string,
  value: SlotValue | undefined,
  locales: readonly string[],
): string {
  if (value === undefined) return '';
  const slot = flow.slots.find((candidate) => candidate.name === name);
  const known =
    slot?.type === 'enum' ? slot.values.find((candidate) => candidate.value === value) : undefined;
  const label = known === undefined ? '' : textFor(known.label, locales);
  return label === '' ? String(value) : label;
}

import type { LocaleText } from '../../../domain/assistant/locale-text.ts';
import { placeholdersOf } from '../../../domain/flow/flow-message.ts';
import { standardMessages, valuePlaceholder } from '../../../domain/flow/standard-messages.ts';
import type { FlowFaults } from './flow-faults.ts';
import type { FlowDocument } from './flow-schema.ts';
import { askOf } from './flow-slots.ts';

/** The messages of a document with the standard ones that it leaves as they are. */
export function compileMessages(
  { metadata, spec }: FlowDocument,
  faults: FlowFaults,
): Readonly<Record<string, LocaleText>> {
  const names = Object.keys(spec.slots);
  const locales = Object.keys(metadata.title);
  const said = messagesSaid(spec);
  for (const [message, texts] of Object.entries(spec.messages)) {
    const path = ['spec', 'messages', message];
    if (!said.has(message) && !(message in standardMessages))
      faults.add(path, 'is said by nothing in this flow');
    const lacking = locales.filter((locale) => texts[locale] === undefined && texts['en'] === undefined);
    if (lacking.length > 0) faults.add(path, `must have a text in ${lacking.join(', ')}, or in en`);
    for (const [locale, text] of Object.entries(texts)) {
      const unknown = placeholdersOf(text).find((name) => !names.includes(name) && name !== valuePlaceholder);
      if (unknown !== undefined) {
        faults.add([...path, locale], `{${unknown}} is no slot: ${[...names, valuePlaceholder].join(', ')}`);
      }
    }
  }
  for (const [message, paths] of said) {
    if (message in spec.messages) continue;
    for (const path of paths) faults.add(path, `there is no message "${message}"`);
  }
  return { ...standardMessages, ...spec.messages };
}

type Path = readonly (string | number)[];

/** Which message is said where. */
function messagesSaid(spec: FlowDocument['spec']): ReadonlyMap<string, readonly Path[]> {
  const said = new Map<string, Path[]>();
  const add = (message: string | undefined, path: Path): void => {
    if (message !== undefined) said.set(message, [...(said.get(message) ?? []), path]);
  };
  for (const [name, slot] of Object.entries(spec.slots)) {
    add(slot.ask ?? askOf(name), ['spec', 'slots', name, 'ask']);
    for (const [index, rule] of slot.reject.entries()) {
      add(rule.say, ['spec', 'slots', name, 'reject', index, 'say']);
    }
  }
  for (const [index, step] of spec.steps.entries()) {
    add(step.confirm, ['spec', 'steps', index, 'confirm']);
    add(step.say, ['spec', 'steps', index, 'say']);
  }
  return said;
}

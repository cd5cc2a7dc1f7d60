import type { FlowCommand } from '../flow-command.ts';
import type { FlowDefinition, IntegerSlot, TextSlot } from '../flow-definition.ts';
import { chooseSlots } from './choose-slots.ts';
import type { SlotHints } from './choose-slots.ts';
import { findNumbers } from './find-numbers.ts';
import { mentions, namedTexts, patternTexts } from './find-texts.ts';
import type { FoundName, FoundText } from './find-texts.ts';
import { findValues, isDenied } from './find-values.ts';
import { blankOut, overlap } from './span.ts';
import { vocabularyOf } from './vocabulary.ts';

/** What a message says of slots. */
export interface FoundSlots {
  readonly sets: readonly (FlowCommand & { readonly kind: 'set' })[];
  /** Slots that are named without a value. */
  readonly named: readonly string[];
  /** Slots of values that are named only to say that they are not wanted. */
  readonly denied: readonly string[];
  /** Values between which the message does not choose. */
  readonly ambiguous: boolean;
}

/**
 * Looks for the values of all slots at once: texts first, since anything may stand in them, then enum values, then the
 * numbers outside of both.
 */
export function findSlots(flow: FlowDefinition, text: string, hints: Omit<SlotHints, 'names'>): FoundSlots {
  const vocabulary = vocabularyOf(flow);
  const texts = apart([
    ...namedTexts(text, vocabulary),
    ...patternTexts(text, flow.slots.filter(hasPattern)),
  ]);
  const rest = blankOut(text, texts);
  const names = mentions(rest, vocabulary.names);
  const values = findValues(rest, vocabulary.values);
  const integers = flow.slots.filter(isInteger);
  const numbers = findNumbers(rest, values).map(({ start, end, value }) => ({
    start,
    end,
    candidates: integers.map(({ name }) => ({ slot: name, value })),
  }));
  const all = [...values, ...numbers].toSorted((a, b) => a.start - b.start);
  const denied = all.filter((value) => isDenied(rest, value));
  const wanted = all.filter((value) => !denied.includes(value));
  const { chosen, unclear } = chooseSlots(rest, wanted, { ...hints, names });
  const set = new Set([...texts, ...chosen].map(({ slot }) => slot));
  return {
    sets: [...texts, ...chosen].map(({ slot, value }) => ({ kind: 'set', slot, value })),
    named: [...new Set(alone(names).map(({ slot }) => slot))].filter((slot) => !set.has(slot)),
    denied: denied.flatMap(({ candidates }) => candidates.slice(0, 1).map(({ slot }) => slot)),
    ambiguous: unclear.length > 0,
  };
}

/** The longest names only: "delivery address" does not name a slot called "delivery". */
function alone(names: readonly FoundName[]): readonly FoundName[] {
  return names.filter(
    (name) => !names.some((other) => overlap(name, other) && other.end - other.start > name.end - name.start),
  );
}

/** The first of the texts that overlap. */
function apart(texts: readonly FoundText[]): readonly FoundText[] {
  const kept: FoundText[] = [];
  for (const text of texts) if (!kept.some((other) => overlap(other, text))) kept.push(text);
  return kept;
}

function hasPattern(slot: FlowDefinition['slots'][number]): slot is TextSlot {
  return slot.type === 'text' && slot.matches !== undefined;
}

function isInteger(slot: FlowDefinition['slots'][number]): slot is IntegerSlot {
  return slot.type === 'integer';
}

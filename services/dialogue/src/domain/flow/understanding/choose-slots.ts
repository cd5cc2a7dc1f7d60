import type { SlotValue } from '../slot-value.ts';
import type { FoundName } from './find-texts.ts';
import type { FoundValue } from './find-values.ts';
import { inOneClause } from './message-text.ts';

/** What helps to tell for which slot a value is. */
export interface SlotHints {
  /** The slots' names in the message. */
  readonly names: readonly FoundName[];
  /** The slot that is being asked for. */
  readonly asked: string | undefined;
  /** Slots that have a value from the user. */
  readonly given: ReadonlySet<string>;
  /** Whether a number counts only beside the name of its slot: what is asked for can look like one. */
  readonly numbersByName: boolean;
}

/** A value with its slot. */
interface ChosenValue {
  readonly slot: string;
  readonly value: SlotValue;
  readonly start: number;
  readonly end: number;
}

/** Which values are for which slots. */
export interface Choice {
  readonly chosen: readonly ChosenValue[];
  /** Slots for which there are several values. */
  readonly unclear: readonly string[];
}

/** One value per slot. Two that differ, without a word that takes the first back, are none: "large or medium". */
export function chooseSlots(text: string, found: readonly FoundValue[], hints: SlotHints): Choice {
  const chosen = new Map<string, ChosenValue>();
  const unclear = new Set<string>();
  for (const value of found) {
    const next = chosenFor(text, value, hints);
    if (next === undefined) continue;
    const before = chosen.get(next.slot);
    if (before !== undefined && before.value !== next.value) {
      if (takesBack(text.slice(before.end, next.start))) unclear.delete(next.slot);
      else unclear.add(next.slot);
    }
    chosen.set(next.slot, next);
  }
  const clear = [...chosen.values()].filter(({ slot }) => !unclear.has(slot));
  return { chosen: clear, unclear: [...unclear] };
}

/**
 * The slot that is named beside the value, else the one that is asked for. Else, while the flow asks for slots, the first
 * that is still empty; when it has asked for all, the first that the user gave: a value is a correction then.
 */
function chosenFor(
  text: string,
  { start, end, candidates }: FoundValue,
  { names, asked, given, numbersByName }: SlotHints,
): ChosenValue | undefined {
  const candidateOf = (slot: string | undefined): FoundValue['candidates'][number] | undefined =>
    candidates.find((candidate) => candidate.slot === slot);
  const distance = (name: FoundName): number => (name.end <= start ? start - name.end : name.start - end);
  const beside = names
    .filter((name) => candidateOf(name.slot) !== undefined && isBeside(text, name, { start, end }))
    .toSorted((a, b) => distance(a) - distance(b))[0];
  if (beside === undefined && numbersByName && typeof candidates[0]?.value === 'number') return undefined;
  const choice =
    candidateOf(beside?.slot) ??
    candidateOf(asked) ??
    candidates.find(({ slot }) => given.has(slot) === (asked === undefined)) ??
    candidates[0];
  return choice === undefined ? undefined : { ...choice, start, end };
}

const furthestBefore = 24;
const furthestAfter = 6;

/** "The size is large", "3 drinks": before in the same clause, or right after. */
function isBeside(text: string, name: FoundName, value: { start: number; end: number }): boolean {
  if (name.end <= value.start) {
    return (
      value.start - name.end <= furthestBefore &&
      inOneClause(text.replaceAll(':', ' '), name.end, value.start)
    );
  }
  return name.start - value.end <= furthestAfter && inOneClause(text, value.end, name.start);
}

const takingBack =
  /\b(?:no|not|nope|actually|make|instead|sorry|wait|rather|mean|change|to|into|better|scratch)\b|改|换|不|变成|应该|说错|哦|算了|而/iu;

function takesBack(between: string): boolean {
  return takingBack.test(between);
}

import { describe, expect, it } from 'vitest';
import { violationsOf } from './checker.ts';
import type { RecordedEvent, SeenEvent, SeenTurn, ViolationKind } from './checker.ts';

const words = ['A ship ', 'left ', 'the harbour.'];

/** A run without a fault: three turns, two completed, one whose owner died; and one whose id reached nobody. */
function goodRun(): { seen: SeenTurn[]; record: RecordedEvent[] } {
  const seen = [aTurn('resp_1', 'completed', words), aTurn('resp_2', 'completed', words)];
  seen.push(aTurn('resp_3', 'incomplete', words.slice(0, 1)));
  const all = [...seen, aTurn('resp_4', 'failed', [])];
  return { seen, record: all.flatMap(recordOf) };
}

function aTurn(id: string, status: string, deltas: readonly string[]): SeenTurn {
  const pieces = ['', ...deltas, ''];
  const events = pieces.map((delta, sequence): SeenEvent => {
    const last = sequence === pieces.length - 1;
    return { sequence, delta, status: last ? status : undefined };
  });
  return { id, events, final: { status, text: deltas.join('') } };
}

function recordOf({ id, final }: SeenTurn): RecordedEvent[] {
  const shared = { key: id, turnId: id };
  return [
    { ...shared, id: `${id}-accepted`, type: 'parley.turn.accepted.v1', sequence: 0, text: '' },
    {
      ...shared,
      id: `${id}-ended`,
      type: `parley.turn.${final?.status}.v1`,
      sequence: 1,
      text: final?.text ?? '',
    },
  ];
}

/** The kinds of violation after something was planted into the first turn of a good run. */
function kindsAfter(plant: {
  turn?: (turn: SeenTurn) => SeenTurn;
  record?: (record: RecordedEvent[]) => RecordedEvent[];
}): ViolationKind[] {
  const { seen, record } = goodRun();
  const [first, ...others] = seen;
  if (first === undefined) throw new Error('the run has no turn');
  const changed = [plant.turn?.(first) ?? first, ...others];
  return violationsOf(changed, plant.record?.(record) ?? record).map(({ kind }) => kind);
}

const ended = (record: RecordedEvent[]): RecordedEvent => {
  const found = record.find(({ id }) => id === 'resp_1-ended');
  if (found === undefined) throw new Error('the run has no end');
  return found;
};
const replaced = (record: RecordedEvent[], change: Partial<RecordedEvent>): RecordedEvent[] =>
  record.map((event) => (event === ended(record) ? { ...event, ...change } : event));

describe('the checker', () => {
  it('finds nothing in a good run', () => {
    const { seen, record } = goodRun();
    expect(violationsOf(seen, record)).toEqual([]);
  });

  it('finds a lost terminal event, of a turn that a client knows and of one that none does', () => {
    const without = (id: string) => (record: RecordedEvent[]) => record.filter((event) => event.id !== id);
    expect(kindsAfter({ record: without('resp_1-ended') })).toEqual(['lost']);
    expect(kindsAfter({ record: without('resp_4-ended') })).toEqual(['lost']);
  });

  it('finds a lost first event, also by the gap in the numbers of its key', () => {
    const record = (events: RecordedEvent[]) => events.filter(({ id }) => id !== 'resp_1-accepted');
    expect(kindsAfter({ record })).toEqual(['lost', 'renumbered']);
  });

  it('finds a turn that record and API have forgotten as a whole', () => {
    const record = (events: RecordedEvent[]) => events.filter(({ turnId }) => turnId !== 'resp_1');
    const turn = (seen: SeenTurn) => ({ ...seen, final: undefined });
    expect(kindsAfter({ turn, record })).toEqual(['lost', 'lost', 'lost']);
  });

  it('finds an event that is recorded twice', () => {
    const accepted = (events: RecordedEvent[]) => events.filter(({ id }) => id === 'resp_1-accepted');
    expect(kindsAfter({ record: (events) => [...events, ...accepted(events)] })).toEqual([
      'doubled',
      'renumbered',
    ]);
  });

  it('finds a second terminal event, though its id and its number are its own', () => {
    const second = { id: 'another', type: 'parley.turn.incomplete.v1', sequence: 2 };
    const record = (events: RecordedEvent[]) => [...events, { ...ended(events), ...second }];
    expect(kindsAfter({ record })).toEqual(['doubled']);
  });

  it('finds a renumbered event of the record', () => {
    expect(kindsAfter({ record: (events) => replaced(events, { sequence: 2 }) })).toEqual(['renumbered']);
    expect(kindsAfter({ record: (events) => replaced(events, { sequence: 0 }) })).toEqual(['renumbered']);
  });

  it('finds a gap in the events of what is no turn, wherever they begin', () => {
    const loaded = (sequence: number): RecordedEvent => ({
      id: `loaded-${sequence}`,
      type: 'parley.model.loaded.v1',
      key: 'simulated',
      sequence,
      turnId: '',
      text: '',
    });
    expect(kindsAfter({ record: (events) => [...events, loaded(3), loaded(4)] })).toEqual([]);
    expect(kindsAfter({ record: (events) => [...events, loaded(3), loaded(5)] })).toEqual(['renumbered']);
  });

  it.each([
    ['a gap', (events: readonly SeenEvent[]) => events.toSpliced(0, 1)],
    ['a repeat', (events: readonly SeenEvent[]) => [...events.slice(0, 1), ...events]],
    ['another order', (events: readonly SeenEvent[]) => [events[1], events[0], ...events.slice(2)]],
  ])('finds %s in the numbers that a client saw', (_name, change) => {
    const turn = (seen: SeenTurn) => ({
      ...seen,
      events: change(seen.events).filter((event) => event !== undefined),
    });
    expect(kindsAfter({ turn })).toEqual(['renumbered']);
  });

  it('finds a changed text in the record, in the API and in the stream', () => {
    expect(kindsAfter({ record: (events) => replaced(events, { text: 'A ship stayed.' }) })).toEqual([
      'changed',
      'changed',
    ]);
    const inApi = (seen: SeenTurn) => ({ ...seen, final: { status: 'completed', text: 'A ship stayed.' } });
    expect(kindsAfter({ turn: inApi })).toEqual(['changed']);
    const inStream = ({ events, ...seen }: SeenTurn) => ({
      ...seen,
      events: events.map((event) => (event.delta === 'left ' ? { ...event, delta: 'stayed ' } : event)),
    });
    expect(kindsAfter({ turn: inStream })).toEqual(['changed']);
  });

  it('finds a text of which the client saw less than the whole, though its end', () => {
    const turn = ({ events, ...seen }: SeenTurn) => ({
      ...seen,
      events: events.map((event) => (event.sequence === 3 ? { ...event, delta: '' } : event)),
    });
    expect(kindsAfter({ turn })).toEqual(['changed']);
  });

  it('finds an end that record, API and stream tell differently', () => {
    const type = 'parley.turn.failed.v1';
    expect(kindsAfter({ record: (events) => replaced(events, { type }) })).toEqual(['changed', 'changed']);
  });

  it('takes a stream that broke off as lost, and what it showed must still be a prefix', () => {
    const cut = ({ events, ...seen }: SeenTurn) => ({ ...seen, events: events.slice(0, 2) });
    expect(kindsAfter({ turn: cut })).toEqual(['lost']);
    const wrong = (turn: SeenTurn) => ({
      ...turn,
      events: cut(turn).events.map((event) => ({ ...event, delta: 'x' })),
    });
    expect(kindsAfter({ turn: wrong })).toEqual(['lost', 'changed']);
  });
});

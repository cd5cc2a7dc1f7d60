import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { TestDialogue } from '../../../tests/support/test-dialogue.ts';

describe('deleting a turn', () => {
  it('removes it and its log, leaves what was recorded, and says so', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi').ended();
    await fleet.dialogue.remove.delete(turn.id, 'acme');
    await expect(fleet.dialogue.turns.findStored(turn.id, 'acme')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await fleet.attach(turn.id).over()).toMatchObject({ code: 'not_found' });
    await eventually(async () => {
      const types = (await fleet.published(turn.id)).map(({ type }) => type);
      expect(types).toEqual([turnEventTypes.accepted, turnEventTypes.completed, turnEventTypes.deleted]);
    });
    await expect(fleet.dialogue.remove.delete(turn.id, 'acme')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused while the turn runs', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started();
    const id = await fleet.say('Hi').id();
    await expect(fleet.dialogue.remove.delete(id, 'acme')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is impossible for another tenant and for an unstored turn', async () => {
    await using fleet = await TestDialogue.launch();
    const stored = await fleet.say('Hi').ended();
    await expect(fleet.dialogue.remove.delete(stored.id, 'other')).rejects.toMatchObject({
      code: 'not_found',
    });
    const unstored = await fleet.say('Hi', { store: false }).ended();
    await expect(fleet.dialogue.remove.delete(unstored.id, 'acme')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(fleet.dialogue.turns.findStored(stored.id, 'other')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(fleet.dialogue.turns.findStored(unstored.id, 'acme')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await fleet.dialogue.turns.findStored(stored.id, 'acme')).toMatchObject({
      row: { id: stored.id },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { newPublicId } from '@parley/kernel';
import { aNewTurn, anEnd } from '@parley/testing';
import { TestDialogue, aRequest } from '../../../tests/support/test-dialogue.ts';
import { encodeDocument } from '../turn/turn-document.ts';

describe('a turn that follows others', () => {
  it('sends what was said in all of them, and none of their instructions', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation, index) =>
      generation
        .started()
        .says(`Answer ${index + 1}`)
        .finishes();
    const first = await fleet.say('One', { instructions: 'Speak like a pirate.' }).ended();
    const second = await fleet.say('Two', { previousTurnId: first.id }).ended();
    const third = await fleet.say('Three', { previousTurnId: second.id, instructions: 'Be polite.' }).ended();
    expect(third.previousTurnId).toBe(second.id);
    const { prompt } = await fleet.model.generation(2);
    expect(prompt.messages.map(({ role, content }) => `${role}: ${content[0]?.text}`)).toEqual([
      'system: Be polite.',
      'user: One',
      'assistant: Answer 1',
      'user: Two',
      'assistant: Answer 2',
      'user: Three',
    ]);
  });

  it('branches where two follow the same one', async () => {
    await using fleet = await TestDialogue.launch();
    const first = await fleet.say('One').ended();
    await fleet.say('Left', { previousTurnId: first.id }).ended();
    await fleet.say('Right', { previousTurnId: first.id }).ended();
    const { prompt } = await fleet.model.generation(2);
    expect(prompt.messages.map(({ content }) => content[0]?.text)).toEqual(['One', 'Hello there', 'Right']);
  });

  it.each([
    ['does not exist', 'resp_1_00000000000000000000000000000000'],
    ['is no id at all', 'what?'],
  ])('is refused when the one before %s', async (_, previousTurnId) => {
    await using fleet = await TestDialogue.launch();
    const refused = await fleet.say('Hi', { previousTurnId }).over();
    expect(refused).toMatchObject({ code: 'not_found', param: 'previous_turn_id' });
  });

  it('cannot follow a turn that was not stored', async () => {
    await using fleet = await TestDialogue.launch();
    const first = await fleet.say('One', { store: false }).ended();
    const refused = await fleet.say('Two', { previousTurnId: first.id }).over();
    expect(refused).toMatchObject({ code: 'not_found', param: 'previous_turn_id' });
  });

  it('cannot follow another tenant', async () => {
    await using fleet = await TestDialogue.launch();
    const first = await fleet.say('One').ended();
    const refused = await fleet.start(aRequest('Two', { previousTurnId: first.id }), 'all', 'other').over();
    expect(refused).toMatchObject({ code: 'not_found', param: 'previous_turn_id' });
  });

  it('cannot follow one that still runs', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started();
    const first = fleet.say('One');
    const refused = await fleet.say('Two', { previousTurnId: await first.id() }).over();
    expect(refused).toMatchObject({ code: 'conflict', param: 'previous_turn_id' });
  });

  it('leaves out an answer that was cut before its first word', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().finishes();
    const first = await fleet.say('One').ended();
    await fleet.say('Two', { previousTurnId: first.id }).ended();
    const { prompt } = await fleet.model.generation(1);
    expect(prompt.messages.map(({ content }) => content[0]?.text)).toEqual(['One', 'Two']);
  });

  it('is refused above 200 of them', async () => {
    await using fleet = await TestDialogue.launch();
    const ids = await storeChain(fleet, 201);
    const [oneTooMany, longest] = [ids.at(200), ids.at(199)];
    expect((await fleet.say('x', { previousTurnId: longest ?? '' }).ended()).status).toBe('completed');
    const refused = await fleet.say('x', { previousTurnId: oneTooMany ?? '' }).over();
    expect(refused).toMatchObject({ code: 'invalid_request', param: 'previous_turn_id' });
  });
});

/** Ended turns, each of which follows the one before it. */
async function storeChain(fleet: TestDialogue, length: number): Promise<string[]> {
  const { turns } = fleet.world.state;
  const first = await fleet.say('x').ended();
  const { document } = await fleet.dialogue.turns.findStored(first.id, 'acme');
  const ids = [first.id, ...Array.from({ length: length - 1 }, () => newPublicId('resp'))];
  await Promise.all(
    ids.slice(1).map(async (id, index) => {
      const turn = { ...document.turn, id, previousTurnId: ids[index] ?? '' };
      const row = aNewTurn({ id, document: encodeDocument({ ...document, turn }) });
      await turns.commit(id, await turns.accept(row, [], []), anEnd({ document: row.document }));
    }),
  );
  return ids;
}

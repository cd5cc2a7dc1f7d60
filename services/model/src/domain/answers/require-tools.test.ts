import { expect, it } from 'vitest';
import { aModel, aRequest, heard, TestModels } from '../../../tests/support/test-models.ts';
import type { RequestTools } from '../../ports/engine.ts';
import { requireTools } from './require-tools.ts';

const f = { name: 'f', description: '', parameters: '' };
const tools: RequestTools = { functions: [f], choice: 'auto', single: false };

it('functions are refused for a model that calls none, and those that can are named', async () => {
  await using models = await TestModels.launch([aModel()]);
  const { abilities } = models.registry.resolve('small').ready();
  const all = models.registry.models;
  expect(() => requireTools('able', { tools: true }, all)).not.toThrow();
  const refusal = (message: RegExp): unknown =>
    expect.objectContaining({ code: 'unsupported', param: 'tools', message: expect.stringMatching(message) });
  expect(() => requireTools('small', abilities, all)).toThrow(
    refusal(/"small" cannot call functions; .*model\.$/),
  );
  for (const model of models.engine.models) model.abilities = { ...abilities, tools: true };
  expect(() => requireTools('dumb', { tools: false }, all)).toThrow(refusal(/Models that can: small\.$/));
});

it.each([
  [tools, 'unsupported', 'tools'],
  [{ ...tools, functions: [] }, 'invalid_request', 'tools'],
  [{ ...tools, functions: [f, f] }, 'invalid_request', 'tools'],
  [{ ...tools, functions: [{ ...f, name: 'a b' }] }, 'invalid_request', 'tools[0].name'],
  [{ ...tools, choice: { name: 'other' } }, 'invalid_request', 'tool_choice'],
] as const)('an answer with functions is checked before it runs: %j', async (wrong, code, param) => {
  await using models = await TestModels.launch([aModel()]);
  const { digest } = models.registry.resolve('small').identity;
  const { signal } = new AbortController();
  const answer = models.answers.generate(aRequest(digest, { tools: wrong }), { signal });
  await expect(heard(answer)).rejects.toMatchObject({ code, param });
});

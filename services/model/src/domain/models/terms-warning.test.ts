import { describe, expect, it } from 'vitest';
import { aModel, anotherModel, TestModels } from '../../../tests/support/test-models.ts';

const remote = anotherModel('remote', {
  path: '',
  settings: { baseUrl: 'http://x/v1' },
  terms: { license: '' },
});

describe('a model whose terms nobody knows', () => {
  it('is activated with a warning when it is somebody else’s', async () => {
    await using models = await TestModels.launch([aModel(), remote]);
    const progress = await models.switch('remote');
    expect(progress.notes).toContainEqual(expect.stringContaining('terms of model "remote"'));
    expect(models.events.warnings).toEqual([
      ['remote', expect.stringContaining('its owner says how it may be used')],
    ]);
    expect(models.target()).toBe('remote');
  });

  it('is none when its document says them, or it is a file of one’s own', async () => {
    const known = { ...remote, name: 'known', terms: { license: 'MIT' } };
    const own = aModel({ terms: { license: '' } });
    await using models = await TestModels.launch([own, known]);
    const progress = await models.switch('known');
    expect(progress.notes).not.toContainEqual(expect.stringContaining('terms'));
    expect(models.events.warnings).toEqual([]);
  });
});

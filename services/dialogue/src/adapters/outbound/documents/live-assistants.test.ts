import { describe, expect, it } from 'vitest';
import type { LoadedDocument } from '@parley/config';
import { plainAssistant } from './own-tests.ts';
import { LiveAssistants } from './live-assistants.ts';

const helper = plainAssistant({ name: 'helper', version: '1.0.0', digest: '' });
const fault = { line: 3, path: 'spec.model', message: 'must be a name' };

function assistants(faultyFiles: readonly string[], goodFiles: readonly string[] = []): LiveAssistants {
  const report = {
    revision: 1,
    loadedAtMs: 0,
    documents: goodFiles.map((file) => ({ file }) as LoadedDocument),
    faults: faultyFiles.map((file) => ({ ...fault, file })),
  };
  return new LiveAssistants({ current: new Map([['helper', helper]]), report });
}

function refusal(source: LiveAssistants, name: string): unknown {
  try {
    return source.find(name);
  } catch (error) {
    return error;
  }
}

describe('assistants of live documents', () => {
  it('are found and listed as they are in effect', () => {
    const source = assistants(['assistants/helper.yaml'], ['assistants/helper.yaml']);
    expect(source.find('helper')).toBe(helper);
    expect(source.list()).toEqual([helper]);
  });

  it('that are not there are told from those whose document is at fault', () => {
    const broken = assistants(['assistants/broken.yaml', 'assistants/team.yaml']);
    expect(refusal(broken, 'broken')).toMatchObject({
      code: 'model_not_found',
      message:
        "The document of the assistant 'broken' is at fault: assistants/broken.yaml:3: spec.model: must be a name",
    });
    expect(refusal(broken, 'other')).toMatchObject({
      message: expect.stringMatching(
        /no assistant 'other' in effect, but .*broken\.yaml:3.*team\.yaml:3/,
      ) as string,
    });
    expect(refusal(assistants([]), 'other')).toMatchObject({
      message: "There is no assistant 'other'. There are: helper.",
    });
    expect(
      refusal(assistants(['flows/x.yaml', 'assistants/helper.yaml'], ['assistants/helper.yaml']), 'other'),
    ).toMatchObject({
      message: "There is no assistant 'other'. There are: helper.",
    });
  });
});

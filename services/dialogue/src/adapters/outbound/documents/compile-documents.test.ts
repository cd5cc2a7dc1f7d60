import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDocuments, faultText, readDocuments } from '@parley/config';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { compileDocuments, dialogueKinds } from './compile-documents.ts';

const shipped = fileURLToPath(new URL('../../../../../../config', import.meta.url));

const assistant = (spec: string, more = '') => `apiVersion: parley/v1
kind: Assistant
metadata: { name: helper, version: 1.0.0 }
spec: ${spec}
${more}`;

const memory = (facts: string, tests = '[]') => `apiVersion: parley/v1
kind: MemoryStrategy
metadata: { name: memo, version: 1.0.0 }
spec:
  blocks:
    - { id: a, use: instructions }
    - id: b
      use: facts
      facts: ${facts}
    - { id: c, use: window }
tests: ${tests}
`;

const aName = '{ name: { say: { en: "They are {value}." }, learn: { en: ["I am (?P<value>[a-z]+)"] } } }';

/** What is wrong with these files, as a person reads it. */
async function faults(files: Readonly<Record<string, string>>): Promise<string[]> {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder.path, dirname(name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return (await checkDocuments(folder.path, dialogueKinds, compileDocuments)).map(faultText);
}

describe('the shipped documents', () => {
  it('become assistants without a fault', async () => {
    const { documents } = await readDocuments(shipped, dialogueKinds);
    const { value, faults: wrong } = await compileDocuments(documents);
    expect(wrong.map(faultText)).toEqual([]);
    expect([...value.keys()]).toEqual(['helper', 'order-desk']);
    expect(value.get('helper')).toMatchObject({ model: 'default', uses: ['context-memory'], sampling: {} });
    expect(value.get('order-desk')?.strategies.map(({ name }) => name)).toEqual([
      'guided flows',
      'order-desk-window',
    ]);
  });
});

describe('documents', () => {
  it('of nothing are no assistants', async () => {
    expect((await compileDocuments([])).value.size).toBe(0);
  });

  it('may be silent about everything', async () => {
    expect(await faults({ 'assistants/a.yaml': assistant('{}') })).toEqual([]);
  });

  it('are told where they refer to what is not there, and what there is', async () => {
    const files = {
      'assistants/a.yaml': assistant('{ memory: { strategy: mem }, flows: [] }'),
      'strategies/b.yaml': memory(aName),
      'assistants/c.yaml': assistant('{ flows: [order] }').replace('helper', 'other'),
    };
    expect(await faults(files)).toEqual([
      "assistants/a.yaml:4: spec.memory.strategy: there is no MemoryStrategy 'mem'; there are: memo",
      "assistants/c.yaml:4: spec.flows[0]: there is no Flow 'order'; there are none",
    ]);
  });

  it('are told what is not there yet, what is no key, and what is no value', async () => {
    const spec =
      '{ model: Default!, guards: [x], memory: { window: { turns: 3 } }, sampling: { temperature: 3 }, tools: 1 }';
    const told = await faults({ 'assistants/a.yaml': assistant(spec) });
    expect(told).toEqual([
      expect.stringMatching(/^assistants\/a\.yaml:4: spec\.model: must be 1 to 63 lower-case letters/),
      expect.stringMatching(/spec\.memory\.window\.turns: is not a known key here/),
      expect.stringMatching(/spec\.sampling\.temperature: .*2/),
      expect.stringMatching(/spec\.guards: is not there yet: this version of Parley has no guards/),
      expect.stringMatching(/spec\.tools: is not a known key here/),
    ]);
  });

  it('are told which pattern is none, and which has no value', async () => {
    const facts = '{ x: { say: { en: a }, learn: { en: ["(a", "b"] } } }';
    expect(await faults({ 'strategies/a.yaml': memory(facts) })).toEqual([
      expect.stringMatching(
        /^strategies\/a\.yaml:9: spec\.blocks\[1\]\.facts\.x\.learn\.en\[0\]: is no RE2 pattern: .*missing closing/,
      ),
    ]);
    const other = '{ x: { say: { en: a }, learn: { en: ["b"] } } }';
    expect(await faults({ 'strategies/a.yaml': memory(other) })).toEqual([
      expect.stringContaining('must have a group (?P<value>…)'),
    ]);
  });

  it('are refused with blocks in another order', async () => {
    const text = memory(aName).replace('use: window', 'use: instructions');
    expect(await faults({ 'strategies/a.yaml': text })).toEqual([
      'strategies/a.yaml:5: spec.blocks: must be a block of instructions, then one of facts or none, then one of window',
    ]);
    const later = memory(aName).replace('use: window', 'use: semanticRecall');
    expect(await faults({ 'strategies/a.yaml': later })).toEqual([
      expect.stringContaining('must be instructions, facts or window'),
    ]);
  });

  it('are refused when a test of their own fails, with the line of what was expected', async () => {
    const tests = `
  - name: it knows the name
    said: [{ user: I am lena }]
    user: Hi
    expect:
      facts: { name: mia }
      instructions: { contains: [They are lena., nonsense] }
      maxPromptTokens: 5`;
    expect(await faults({ 'strategies/a.yaml': memory(aName, tests) })).toEqual([
      'strategies/a.yaml:16: tests[0].expect.facts.name: test "it knows the name": expected "mia", but "lena" is known',
      expect.stringMatching(
        /^strategies\/a\.yaml:17: tests\[0\]\.expect\.instructions\.contains\[1\]: test "it knows/,
      ),
      expect.stringMatching(/^strategies\/a\.yaml:18: .*the prompt has \d+ tokens/),
    ]);
  });

  it('of assistants are tested with what they refer to', async () => {
    const tests = `tests: [{ name: knows, user: I am lena, expect: { instructions: { contains: [lena], lacks: [They] } } }]`;
    const files = {
      'assistants/a.yaml': assistant('{ memory: { strategy: memo }, instructions: { en: Help. } }', tests),
      'strategies/b.yaml': memory(aName),
    };
    expect(await faults(files)).toEqual([
      'assistants/a.yaml:5: tests[0].expect.instructions.lacks[0]: test "knows": is in: "Help. They are lena."',
    ]);
  });

  it('are not blamed for what they refer to, beyond that it is missing', async () => {
    const files = {
      'assistants/a.yaml': assistant('{ memory: { strategy: memo } }'),
      'strategies/b.yaml': memory(aName.replace('+)', '+')),
    };
    const told = await faults(files);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain("there is no MemoryStrategy 'memo'");
    expect(told[1]).toContain('is no RE2 pattern');
  });
});

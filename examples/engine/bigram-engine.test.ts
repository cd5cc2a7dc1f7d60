import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { engineContract } from '../../services/model/tests/engine-contract/engine-contract.ts';
import { bundledSpec } from '../../services/model/tests/support/bundled-model.ts';
import { BigramEngine } from './bigram-engine.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const spec = bundledSpec({ name: 'river', path: here('./river.txt') });

engineContract('bigram, the example of docs/extend/engine.md', () =>
  Promise.resolve({
    engine: new BigramEngine(),
    spec,
    long: {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

it('says which file cannot be a model, and why', async () => {
  const signal = new AbortController().signal;
  const load = (path: string): Promise<unknown> => new BigramEngine().load({ ...spec, path }, { signal });
  await expect(load(here('./missing.txt'))).rejects.toThrow(/"river", .*missing\.txt, cannot be read/);
  await expect(load(here('.'))).rejects.toThrow(/cannot be read/);
});

it('stands in the guide as it is here', () => {
  const guide = readFileSync(here('../../docs/extend/engine.md'), 'utf8');
  for (const name of ['bigram-engine.ts', 'bigram-table.ts', 'bigram-model.ts']) {
    expect(guide, name).toContain(`\`\`\`ts\n${readFileSync(here(`./${name}`), 'utf8')}\`\`\``);
  }
});

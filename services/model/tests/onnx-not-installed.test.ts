import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onnxInstallation } from '../src/adapters/outbound/onnx/onnx-installation.ts';
import { OnnxEngine } from '../src/adapters/outbound/onnx/onnx-engine.ts';
import { FileProofs } from '../src/domain/loading/file-proofs.ts';
import { MemoryAdmission } from '../src/domain/memory/memory-admission.ts';
import { ModelLoader } from '../src/domain/loading/model-loader.ts';
import { ModelRegistry } from '../src/domain/models/model-registry.ts';
import type { Engine } from '../src/ports/engine.ts';
import { FakeEngine } from '../src/ports/fake-engine.ts';
import { FakeFileDigests } from '../src/ports/fake-file-digests.ts';
import { FakeMachineMemory } from '../src/ports/fake-machine-memory.ts';
import { FakeModelEvents } from '../src/ports/fake-model-events.ts';
import { FakeProbeVerdicts } from '../src/ports/fake-probe-verdicts.ts';
import { aModel, anotherModel } from './support/test-models.ts';

it('a model whose engine is not installed fails with the command that installs it; the others are untouched', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-no-onnx-'));
  const path = join(folder, 'model.onnx');
  await writeFile(path, '');
  const onnx = new OnnxEngine({ threads: 1, environment: {}, onLog: () => undefined }, () =>
    onnxInstallation(folder),
  );
  const loader = new ModelLoader({
    proofs: new FileProofs(new FakeFileDigests(), new FakeProbeVerdicts()),
    memory: new MemoryAdmission(new FakeMachineMemory(), 0),
    promptTokensPerStep: 128,
    loadTimeoutMs: 10_000,
  });
  const engines = new Map<string, Engine>([
    ['fake', new FakeEngine()],
    ['onnx', onnx],
  ]);
  const definitions = [aModel(), anotherModel('vectors', { engine: 'onnx', path })];
  const clock = { now: () => performance.now() };
  await using registry = new ModelRegistry(definitions, engines, {
    loader,
    events: new FakeModelEvents(),
    clock,
  });
  try {
    const { signal } = new AbortController();
    await registry.find('default').open().settled(signal);
    const vectors = registry.find('vectors');
    await expect(vectors.open().settled(signal)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^The engine "onnx" is not installed.*npm run engine:onnx$/),
    });
    expect(vectors.state.phase).toBe('failed');
    expect(registry.find('default').state.phase).toBe('ready');
    // Nobody is sent to it, and a pull says that it is not there.
    expect(registry.hasEngine('onnx')).toBe(false);
    expect(registry.embeddingEngines).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { modelAdmin } from '@parley/contracts';
import { eventually, llamaGguf, mutateHeader, temporaryFolder, writeGguf } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readGgufHeader } from '../src/adapters/outbound/gguf/file/gguf-header.ts';
import { bundledModelFile } from './support/bundled-model.ts';
import { heard } from './support/heard.ts';
import { hostPid } from './support/host-pid.ts';
import { PullClient } from './support/pull/pull-client.ts';
import { RunningModelService } from './support/running-service.ts';

// What `npm run faults` sets: 20 rounds are 500 files.
const files = 25 * Number(process.env['PARLEY_FAULTS_ROUNDS'] ?? 1);
const limitMs = 60_000;
const patience = { timeoutMs: 50_000, everyMs: 50 };
const { JobState } = modelAdmin;

/** As small as a model can be: most of what is changed decides how it is read. */
const shape = {
  name: 'small',
  layers: 1,
  width: 32,
  heads: 2,
  keyHeads: 1,
  feedForward: 64,
  vocabulary: 300,
  contextTokens: 256,
  type: 'f16',
} as const;

const config = `apiVersion: parley/v1
kind: Model
metadata: { name: sound, version: 1.0.0 }
spec:
  path: ${bundledModelFile}
  aliases: [default]
  context: { tokens: 256, slots: 2 }
`;

let folder: TemporaryFolder;
let service: RunningModelService;
let client: PullClient;

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'config/models'), { recursive: true });
  await writeFile(join(folder.path, 'config/models/sound.yaml'), config);
  const env = { PARLEY_MODEL_CACHE: join(folder.path, 'cache') };
  service = await RunningModelService.start(folder.path, join(folder.path, 'config'), env);
  client = new PullClient(service, folder.path);
  await eventually(() => service.resolve(), patience);
}, 120_000);
afterAll(async () => {
  client?.[Symbol.dispose]();
  await service?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function answer(): Promise<string> {
  const { model } = await service.resolve();
  expect(model?.name).toBe('sound');
  return (await heard(service.generate(model?.digest ?? '', 'Hello', { maxOutputTokens: 8 }))).text;
}

/** Pulls a file, and loads it where it is taken for a model; how that ended, in words. */
async function tried(path: string, name: string): Promise<string> {
  const pull = await client.ended((await client.pull(pathToFileURL(path).href)).id, limitMs);
  if (pull.state !== JobState.JOB_STATE_SUCCEEDED) return `refused: ${pull.error?.message ?? ''}`;
  const load = await service.ended(service.load(name));
  if (load.state !== JobState.JOB_STATE_SUCCEEDED) return `not loaded: ${load.error?.message ?? ''}`;
  await service.ended(service.unload(name));
  return 'loaded';
}

it(
  `${files} files with damaged headers leave the service and its other models as they are`,
  async () => {
    const soundFile = join(folder.path, 'small.gguf');
    await writeGguf(soundFile, llamaGguf(shape, 1));
    const sound = await readFile(soundFile);
    const headerBytes = readGgufHeader(soundFile).dataFrom;
    expect(await tried(soundFile, 'small')).toBe('loaded');
    const host = await eventually(hostPid, patience);
    const before = await answer();
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= files; seed++) {
      const name = `mutant-${seed}`;
      const path = join(folder.path, `${name}.gguf`);
      await writeFile(path, mutateHeader(sound, headerBytes, seed));
      const end = await tried(path, name);
      const [how = ''] = end.split(':');
      ends.set(how, (ends.get(how) ?? 0) + 1);
      // Whatever it was, it is told in words, and it never came near what answers.
      expect(end, name).toMatch(/^loaded$|^(refused|not loaded): .{20,}/);
      expect(await eventually(hostPid, patience), `${name}, which was ${end}`).toBe(host);
      if (seed % 5 === 0) expect(await answer()).toBe(before);
    }
    process.stdout.write(`Files with damaged headers: ${JSON.stringify(Object.fromEntries(ends))}\n`);
    expect(ends.get('refused') ?? 0).toBeGreaterThan(files / 2);
  },
  files * limitMs,
);

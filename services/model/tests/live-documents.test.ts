import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelEventTypes } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard } from './support/heard.ts';
import { modelEventsOf } from './support/model-events-of.ts';
import { RunningModelService } from './support/running-service.ts';

const patience = { timeoutMs: 30_000, everyMs: 50 };

function simulated(name: string, aliases: string, more = ''): string {
  return `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
  engine: simulated
  aliases: [${aliases}]
  context: { tokens: 512, slots: 8 }
  tokens: 4
${more}`;
}

/** Two instances that share a store and a folder of documents. */
describe('model documents of a running fleet', () => {
  let folder: TemporaryFolder;
  const services: RunningModelService[] = [];

  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(folder.path, 'config/models', `${name}.yaml`), text);
  const names = (): Promise<(string | undefined)[]> =>
    Promise.all(services.map(async (service) => (await service.resolve()).model?.name));

  beforeAll(async () => {
    folder = await temporaryFolder();
    const configDir = join(folder.path, 'config');
    await mkdir(join(configDir, 'models'), { recursive: true });
    await write('first', simulated('first', 'default'));
    await write('second', simulated('second', '', '  firstTokenMs: 2\n'));
    for (let count = 0; count < 2; count++)
      services.push(await RunningModelService.start(folder.path, configDir));
    await eventually(async () => expect(await names()).toEqual(['first', 'first']), patience);
  }, 60_000);
  afterAll(async () => {
    for (const service of services) await service[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('that are at fault change nothing, and are told with file, line and path', async () => {
    await write('first', simulated('first', 'default').replace('tokens: 512', 'tokens: many'));
    for (const service of services) {
      const { faults, revision } = await eventually(async () => {
        const report = await service.report();
        expect(report.faults).toHaveLength(1);
        return report;
      }, patience);
      expect(faults[0]).toMatchObject({ file: 'models/first.yaml', line: 7, path: 'spec.context.tokens' });
      expect(revision).toBe(1);
    }
    expect(await names()).toEqual(['first', 'first']);
    await write('first', simulated('first', 'default'));
    for (const service of services)
      await eventually(async () => expect((await service.report()).faults).toEqual([]), patience);
  });

  it('that move an alias are a switch of the whole fleet, told once', async () => {
    await write('first', simulated('first', ''));
    await write('second', simulated('second', 'default', '  firstTokenMs: 2\n'));
    await eventually(async () => expect(await names()).toEqual(['second', 'second']), patience);
    const [one] = services;
    const { model } = (await one?.resolve()) ?? {};
    for (const service of services)
      expect((await heard(service.generate(model?.digest ?? '', 'Hi'))).finished).toBeDefined();
    await eventually(async () => {
      const events = await modelEventsOf(folder.path);
      expect(events.filter(({ type }) => type === modelEventTypes.switched)).toHaveLength(1);
      const { instances, aliases } = (await one?.list()) ?? { instances: [], aliases: [] };
      expect(aliases).toMatchObject([{ alias: 'default', model: { name: 'second' } }]);
      expect(instances.map((instance) => instance.aliases)).toEqual(
        services.map(() => [{ alias: 'default', model: 'second', generation: aliases[0]?.generation }]),
      );
    }, patience);
    for (const service of services) expect((await service.report()).drifts).toEqual([]);
  });

  it('that describe another model make it known', async () => {
    await write('third', simulated('third', 'fast'));
    await eventually(async () => {
      for (const service of services) expect((await service.resolve('fast')).model?.name).toBe('third');
    }, patience);
  });
});

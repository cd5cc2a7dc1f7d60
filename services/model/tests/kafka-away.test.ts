import { modelAdmin } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import { expect, it } from 'vitest';
import { heard } from './support/heard.ts';
import { simulatedConfigDir } from './support/real-model.ts';
import { RunningModelService } from './support/running-service.ts';

it('a model service whose Kafka is away starts, answers, unloads, loads and ends', async () => {
  await using folder = await temporaryFolder();
  // Nobody listens there.
  const env = { PARLEY_KAFKA_BROKERS: '127.0.0.1:1' };
  const service = await RunningModelService.start(folder.path, simulatedConfigDir, env);
  const { model } = await eventually(() => service.resolve(), { timeoutMs: 20_000 });
  const answer = await heard(service.generate(model?.digest ?? '', 'Hi'));
  expect(answer.text).toMatch(/^This is a simulated answer/);
  const job = await service.ended(service.load('simulated'));
  expect(job.state).toBe(modelAdmin.JobState.JOB_STATE_SUCCEEDED);
  const startedAt = performance.now();
  await service[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

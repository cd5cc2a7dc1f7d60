import { readFileSync } from 'node:fs';
import { describeConfig } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { configSpec, engineEnvironment } from './config.ts';

describe('the environment of engine hosts', () => {
  it('has threads for its models, and neither secrets nor preloads of this process', () => {
    const env = {
      PATH: '/bin',
      PARLEY_API_KEY: 'secret',
      HF_TOKEN: 'secret',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'x',
      NODE_OPTIONS: '--import x',
    };
    const names = ['GLIBC_TUNABLES', 'MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_'];
    const made = engineEnvironment(6, env);
    expect(Object.keys(made).toSorted()).toEqual([...names, 'PATH', 'UV_THREADPOOL_SIZE']);
    expect(made).toMatchObject({ PATH: '/bin', UV_THREADPOOL_SIZE: '16' });
    expect(engineEnvironment(1, env)).toMatchObject({ UV_THREADPOOL_SIZE: '12' });
    expect(engineEnvironment(1, { MALLOC_ARENA_MAX: '8' })).toMatchObject({ MALLOC_ARENA_MAX: '8' });
  });
});

it('the README names every variable of the models', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { variable } of describeConfig(configSpec.models)) expect(readme).toContain(`\`${variable}\``);
});

import { readFileSync } from 'node:fs';
import { describeConfig } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { configSpec, engineEnvironment } from './config.ts';

describe('the environment of engine hosts', () => {
  it('has threads for its models, and neither secrets nor preloads of this process', () => {
    const env = {
      PATH: '/bin',
      PARLEY_API_KEY: 'secret',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'x',
      NODE_OPTIONS: '--import x',
    };
    expect(engineEnvironment(6, env)).toEqual({ PATH: '/bin', UV_THREADPOOL_SIZE: '16' });
    expect(engineEnvironment(1, env)).toEqual({ PATH: '/bin', UV_THREADPOOL_SIZE: '12' });
  });
});

it('the README names every variable of the models', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { variable } of describeConfig(configSpec.models)) expect(readme).toContain(`\`${variable}\``);
});

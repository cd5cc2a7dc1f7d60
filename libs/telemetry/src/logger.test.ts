import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function collect(level: string): {
  lines: Record<string, unknown>[];
  logger: ReturnType<typeof createLogger>;
} {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { lines, logger: createLogger('dialogue', 'instance-1', level, { write }) };
}

describe('a log line', () => {
  it('is JSON that names service, instance, level and time', () => {
    const { lines, logger } = collect('info');
    logger.info({ turnId: 't1' }, 'Turn ended');
    expect(lines).toMatchObject([
      { level: 'info', service: 'dialogue', instanceId: 'instance-1', turnId: 't1', msg: 'Turn ended' },
    ]);
    expect(Date.parse(String(lines[0]?.['time']))).not.toBeNaN();
  });

  it('is left out below the level', () => {
    const { lines, logger } = collect('warn');
    logger.info('unheard');
    expect(lines).toEqual([]);
  });

  it('hides credentials wherever they are up to three levels deep', () => {
    const { lines, logger } = collect('info');
    logger.info(
      { apiKey: 's1', headers: { authorization: 's2' }, call: { metadata: { token: 's3' } } },
      'Request',
    );
    expect(JSON.stringify(lines)).not.toMatch(/s[123]/);
  });

  it('tells an error with its cause', () => {
    const { lines, logger } = collect('info');
    logger.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'Failed');
    expect(lines[0]?.['error']).toMatchObject({ message: 'outer', cause: { message: 'inner' } });
  });
});

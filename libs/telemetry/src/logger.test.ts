import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
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

/** Logs more than may wait, and says on stderr that it has come to its end. */
const program = `
  import { createLogger } from '@parley/telemetry';
  const logger = createLogger('dialogue', 'instance-1', 'info');
  for (let line = 0; line < 300; line++) {
    logger.info('x'.repeat(10_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.error('done');
`;

describe('a process whose stdout cannot be written', () => {
  it('goes on, and ends when it is done', async () => {
    await using full = await open('/dev/full', 'w');
    const args = ['--no-warnings', '--conditions=@parley/source', '--input-type=module', '--eval', program];
    const child = spawn(process.execPath, args, {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', full.fd, 'pipe'],
      timeout: 10_000,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(said).toBe('done\n');
    expect(code).toBe(0);
  });
});

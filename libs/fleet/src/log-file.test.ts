import { closeSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-log-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("a service's log file", () => {
  it('is bounded: a full file moves aside while its writer goes on', () => {
    const log = new LogFile(join(dir, 'model.log'), 100);
    const fd = log.open();
    writeSync(fd, `${'a'.repeat(120)}\n`);
    log.rotate();
    writeSync(fd, 'after\n');
    closeSync(fd);
    expect(readFileSync(log.path, 'utf8')).toBe('after\n');
    expect(readFileSync(`${log.path}.1`, 'utf8')).toContain('aaa');
  });

  it('is readable by its owner only', () => {
    const log = new LogFile(join(dir, 'model.log'));
    closeSync(log.open());
    expect(statSync(log.path).mode & 0o777).toBe(0o600);
  });

  it('shows the last lines of this run only, those for people first', () => {
    const log = new LogFile(join(dir, 'model.log'));
    const before = log.open();
    writeSync(before, 'from the run before\n');
    closeSync(before);
    const fd = log.open();
    writeSync(fd, '{"level":30,"msg":"starting"}\nPARLEY_PORT must be a number\nsecond line\n');
    closeSync(fd);
    expect(log.lastLines(10)).toEqual(['PARLEY_PORT must be a number', 'second line']);
    expect(log.lastLines(1)).toEqual(['second line']);
  });

  it('shows the messages of log records where a service wrote nothing else', () => {
    const log = new LogFile(join(dir, 'model.log'));
    const fd = log.open();
    writeSync(fd, '{"level":50,"msg":"cannot open the record","err":{"message":"disk full"}}\n');
    closeSync(fd);
    expect(log.lastLines(10)).toEqual(['cannot open the record: disk full']);
  });
});

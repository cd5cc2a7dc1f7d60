import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'gpu-check.mjs');

interface Report {
  readonly onGpu: boolean;
  readonly measured: readonly {
    readonly name: string;
    readonly loadMs: number;
    readonly reading: number;
    readonly memory: { readonly device: string; readonly weightsBytes: number; readonly gpu?: object };
    readonly writing: readonly { readonly streams: number; readonly perSecond: number }[];
  }[];
  readonly text: string;
}

it('npm run gpu:check makes, quantises, loads and measures a small model on the processor', async () => {
  const { stdout } = await run(process.execPath, [script, '--small', '--gpu', 'cpu', '--json'], {
    timeout: 110_000,
  });
  const { onGpu, measured, text } = JSON.parse(stdout) as Report;
  expect(onGpu).toBe(false);
  expect(measured.map(({ name }) => name)).toEqual(['f16', 'q4_k_m']);
  for (const { loadMs, reading, memory, writing } of measured) {
    expect(loadMs).toBeGreaterThan(0);
    expect(reading).toBeGreaterThan(0);
    expect(memory.device).toBe('cpu');
    expect(memory).not.toHaveProperty('gpu');
    expect(writing.map(({ streams }) => streams)).toEqual([1, 4]);
    expect(writing.every(({ perSecond }) => perSecond > 0)).toBe(true);
  }
  expect(measured[1]?.memory.weightsBytes).toBeLessThan((measured[0]?.memory.weightsBytes ?? 0) * 0.6);
  expect(text).toMatch(/On the processor.*promised 2\.2.*promised 60 %/s);
}, 120_000);

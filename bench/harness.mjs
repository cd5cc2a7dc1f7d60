/** What the benchmarks share: a fleet in a throw-away data folder, CPU of its processes, a streaming chat client. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet } from '@parley/fleet';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Starts a fleet and hands it to `work`; stops it whatever happens. */
export async function withFleet(options, work) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const fleet = await startFleet({ dataDir, configDir: 'config', httpPort: 0, logTo: 'files', ...options });
  try {
    return await work(fleet);
  } finally {
    await fleet.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Pids of a process and all below it. */
function familyOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function statOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return {
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond,
    rssMb: Number(rss) / 1024,
  };
}

/** CPU milliseconds that a process and all below it have used. */
export function cpuMsOf(pid) {
  return familyOf(pid).reduce((sum, one) => sum + statOf(one).cpuMs, 0);
}

/** Resident MB of a process alone. */
export function ownMb(pid) {
  return statOf(pid).rssMb;
}

/** Resident MB of a process and all below it. */
export function residentMb(pid) {
  return familyOf(pid).reduce((sum, each) => sum + statOf(each).rssMb, 0);
}

/** CPU milliseconds used and resident MB per service, its child processes included. */
export function usage(fleet) {
  const byService = {};
  for (const { service, pid } of fleet.instances()) {
    const stats = familyOf(pid).map(statOf);
    byService[service] = {
      cpuMs: stats.reduce((sum, stat) => sum + stat.cpuMs, byService[service]?.cpuMs ?? 0),
      rssMb: stats.reduce((sum, stat) => sum + stat.rssMb, byService[service]?.rssMb ?? 0),
    };
  }
  return byService;
}

/** CPU milliseconds per service between two readings, per unit of work. */
export function cpuPer(before, after, units) {
  return Object.fromEntries(
    Object.keys(after).map((service) => [service, (after[service].cpuMs - before[service].cpuMs) / units]),
  );
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** Posts to the gateway; resolves with the status, the text, and for streams the times of first and last chunk. */
export function chat(fleet, body, path = '/v1/chat/completions') {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(
      fleet.url + path,
      {
        method: 'POST',
        agent,
        headers: { authorization: `Bearer ${fleet.apiKey}`, 'content-type': 'application/json' },
      },
      (response) => {
        let raw = '';
        let firstMs;
        let chunks = 0;
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          raw += piece;
          if (firstMs === undefined && raw.includes('"content":')) firstMs = performance.now() - started;
          chunks += piece.split('\ndata: ').length - 1;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            raw,
            firstMs,
            totalMs: performance.now() - started,
            chunks,
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

/** The joined text, the finish reason and the usage of a chat stream. */
export function readStream(raw) {
  let text = '';
  let finish;
  let usage;
  let id;
  for (const line of raw.split('\n')) {
    if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
    const chunk = JSON.parse(line.slice(6));
    id ??= chunk.id;
    text += chunk.choices?.[0]?.delta?.content ?? '';
    finish = chunk.choices?.[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  return { text, finish, usage, id, done: raw.trimEnd().endsWith('data: [DONE]') };
}

/**
 * Resident memory of each service (its child processes included), idle, after one request; with `--cycles N` also that
 * of one model service over N cycles in which a model is loaded, answers now and then, and is unloaded, the replacement
 * of its engine host switched off: MB a cycle, by least squares, over the second half.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '@parley/fleet';
import { chat, ownMb, residentMb, usage, withFleet } from './harness.mjs';
import { ModelProcess } from './model-process.mjs';

const bundled = 'libs/tiny-model/model/parley-tiny.gguf';
const cache = process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache/parley/models');
const smollm = join(cache, 'SmolLM2-135M-Instruct.Q4_1.gguf');
const most = 0.3;
/** An answer in every so many cycles: an unload waits 3 s for others that were told of the model. */
const answerEvery = 10;

async function idle() {
  return withFleet({}, async (fleet) => {
    await chat(fleet, { messages: [{ role: 'user', content: 'hi' }], model: 'default' });
    await sleep(5000);
    return Object.entries(usage(fleet)).map(([service, { rssMb }]) => ({
      service,
      rssMb: Math.round(rssMb),
    }));
  });
}

function document(name, path, more) {
  return `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
  path: ${path}
  context: { tokens: 1024, slots: 4 }
${more}`;
}

/** Least squares; the values are one cycle apart. */
export function slopeOf(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const shared = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  return shared / values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
}

async function cycled(file, cycles) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const models = join(dataDir, 'config/models');
  mkdirSync(models, { recursive: true });
  writeFileSync(
    join(models, 'resident.yaml'),
    document('resident', resolve(bundled), '  aliases: [default]\n'),
  );
  writeFileSync(join(models, 'cycled.yaml'), document('cycled', resolve(file), '  load: { when: never }\n'));
  const [port] = await freePorts(1);
  const model = new ModelProcess(dataDir, join(dataDir, 'config'), port);
  model.env.PARLEY_MODEL_REPLACE_HOST = 'false';
  // A heap that has room grows before it is looked through; one that has none shows what is really kept, or ends.
  model.env.NODE_OPTIONS = '--max-old-space-size=128 --max-semi-space-size=4';
  const samples = [];
  const own = [];
  const startedAt = performance.now();
  model.start();
  try {
    await model.firstToken('default');
    for (let cycle = 0; cycle < cycles; cycle++) {
      await model.job('loadModel', { model: 'cycled' });
      if (cycle % answerEvery === 0) await model.firstToken('cycled');
      await model.job('unloadModel', { model: 'cycled' });
      samples.push(residentMb(model.pid));
      own.push(ownMb(model.pid));
    }
  } finally {
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  const second = samples.slice(Math.floor(cycles / 2));
  const slope = slopeOf(second);
  return {
    model: file === bundled ? 'the bundled model' : 'SmolLM2-135M',
    cycles,
    firstMb: Math.round(samples[0]),
    middleMb: Math.round(second[0]),
    lastMb: Math.round(samples.at(-1)),
    mbPerCycle: Number(slope.toFixed(3)),
    ofServiceMb: Number(slopeOf(own.slice(Math.floor(cycles / 2))).toFixed(3)),
    limit: most,
    seconds: Math.round((performance.now() - startedAt) / 1000),
  };
}

export async function run(options = {}) {
  if (options.cycles === undefined) return { rows: await idle() };
  const cycles = options.cycles === true ? 100 : Number(options.cycles);
  const files = [bundled, smollm].filter((file) => existsSync(file));
  const rows = [];
  const wanted = { tiny: [bundled], smollm2: [smollm] }[options.model] ?? files;
  for (const file of wanted) rows.push(await cycled(file, cycles));
  const worst = Math.max(...rows.map(({ mbPerCycle }) => mbPerCycle));
  return { rows, mbPerCycle: worst, ok: worst < most };
}

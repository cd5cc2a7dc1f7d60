/**
 * `npm run gpu:check [-- --small] [--gpu cuda|auto|cpu] [--folder DIR] [--json]`: makes a model of random weights in the
 * shape of a 7B in f16 and in 4 bits, loads both through Parley's engine, and prints load time, memory, speed of
 * reading and writing, what several requests at once add, and the two ratios that are promised of a graphics card.
 * `--small` takes a shape that every machine holds. Ends with 1 when a ratio is not reached on a graphics card; on the
 * processor it is only told. Needs `npm run build`, and for the 7B 20 GB of disk and 16 GB of memory.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureModel } from './gpu-check/measure-model.mjs';
import { makeModels } from './gpu-check/make-models.mjs';
import { reportOf } from './gpu-check/report.mjs';

const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    gpu: { type: 'string', default: 'auto' },
    folder: { type: 'string' },
  },
});
if (!['auto', 'cuda', 'cpu'].includes(values.gpu)) throw new Error('--gpu must be auto, cuda or cpu');
const say = (line) => {
  if (!values.json) console.log(line);
};

/** Files in a folder that was named stay for the next run. */
const folder =
  values.folder === undefined ? mkdtempSync(join(tmpdir(), 'parley-gpu-')) : resolve(values.folder);
if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
try {
  const files = await makeModels(folder, values.small ? 'small' : '7b', say);
  const measured = [];
  for (const file of files) {
    say(`Measuring ${file.name} …`);
    measured.push({ ...file, ...(await measureModel(file, { gpu: values.gpu, small: values.small })) });
  }
  const report = reportOf(measured);
  console.log(values.json ? JSON.stringify(report) : report.text);
  if (report.onGpu && !report.kept) process.exitCode = 1;
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

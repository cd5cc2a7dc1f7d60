/** A process that quantises as a job until it is killed. Arguments: the store's file, the model cache, the source. */
import { readdirSync, readFileSync } from 'node:fs';
import { sleep, systemClock } from '@parley/kernel';
import { writingJobs } from './quantise-job.ts';

const [path = '', cache = '', source = ''] = process.argv.slice(2);
const jobs = writingJobs(path, cache, 'victim', systemClock);
await jobs.launch();
const { id } = await jobs.start('write', 'big', { source });
for (;;) {
  const { progress, stage } = await jobs.get(id);
  process.send?.({ id, progress, stage, children: childrenOf(process.pid) });
  await sleep(20);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** A process that runs jobs until it is killed. Arguments: the store's file, its name, what the job writes to. */
import { sleep } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { FakeJobEvents } from '../../src/fake-job-events.ts';
import { Jobs } from '../../src/jobs.ts';
import { writeNumbers } from './writing-work.ts';

const [path = '', owner = '', file = ''] = process.argv.slice(2);
const store = openSqliteState(path);
const limits = { concurrency: 1, maxQueued: 1 };
const jobs = new Jobs({ store, owner, events: new FakeJobEvents(), limits });
jobs.register('write', writeNumbers);
await jobs.launch();
const { id } = await jobs.start('write', 'numbers', { file, count: 400 });
for (;;) {
  const { doneBytes } = await jobs.get(id);
  process.send?.({ id, doneBytes });
  await sleep(20);
}

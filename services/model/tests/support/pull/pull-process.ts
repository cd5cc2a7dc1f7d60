import { WholePulls } from './whole-pulls.ts';

/** A process of its own that pulls: `node pull-process.ts FOLDER ENDPOINT SOURCE`. Tells what it was told as JSON. */
const [folder = '', endpoint = '', source = ''] = process.argv.slice(2);
const [notes, stages]: [string[], string[]] = [[], []];
await new WholePulls({ folder, hub: { endpoint, token: '' } }).pulls.pull(source, {
  signal: new AbortController().signal,
  stage: (text) => void stages.push(text),
  bytes: () => undefined,
  note: (line) => void notes.push(line),
});
process.stdout.write(JSON.stringify({ notes, stages }));

/** `npm run bench -- <name> [--json]`: runs one benchmark, prints a table, writes bench-results/<name>.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

const benchmarks = {
  burst: 'clients at once, streaming chat on the bundled model, checked against the record',
  overhead: 'CPU per request and per delivered token at each service',
  engine:
    'CPU per token of the model service beside llama-server, and the second turn of a long conversation',
  batching: 'long prompts that join short chats: the budget that follows the token gap beside fixed ones',
  start: 'from `parley up` to the first token, cold and second start',
  switch:
    'an alias moved to another model, beside a restart of the model service; then under load (--streams 200 --switches 20 --models 1,3)',
  quantize: 'weights in fewer bits beside the same as they were: size, memory, CPU per token, quality',
  protocols: 'CPU per delivered token over SSE, WebSocket and gRPC',
  events: 'CPU per event of publishing, receiving and recording it, beside bare kafkajs',
  memory: 'resident memory of each service, idle; with --cycles N over N load/unload cycles of a model',
};

const [name, ...flags] = process.argv.slice(2);
if (name === undefined || !(name in benchmarks)) {
  console.log('npm run bench -- <name> [--json] [--clients N] [--requests N]\n');
  for (const [key, about] of Object.entries(benchmarks)) console.log(`  ${key.padEnd(10)} ${about}`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const options = Object.fromEntries(
    flags.flatMap((flag, i) => (flag.startsWith('--') ? [[flag.slice(2), flags[i + 1] ?? true]] : [])),
  );
  const load = loadavg()[0];
  if (load > 1)
    console.error(`The machine is not quiet (load average ${load.toFixed(1)}): read wall times with care.`);
  const { run } = await import(`./${name}.mjs`);
  const result = await run(options);
  const report = {
    benchmark: name,
    at: new Date().toISOString(),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, Linux ${release()}, Node ${process.versions.node}`,
    loadAverage: load,
    ...result,
  };
  mkdirSync('bench-results', { recursive: true });
  writeFileSync(`bench-results/${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  if ('json' in options) console.log(JSON.stringify(report));
  else {
    console.log(`${name}: ${report.machine}, load ${load.toFixed(2)}`);
    console.table(report.rows);
  }
}

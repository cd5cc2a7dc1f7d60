import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FleetTokens, createGrpcClient, unary, serverStream } from '@parley/grpc';
import { readFleetSecrets } from '@parley/config';
import { inference, modelAdmin, common } from '@parley/contracts';

const data = mkdtempSync('/tmp/m1/data-');
writeFileSync(join(data, 'fleet-secret'), randomBytes(32).toString('hex'), { mode: 0o600 });
const tokens = new FleetTokens(readFleetSecrets(join(data, 'fleet-secret')), 'dialogue');
const tenant = { tenant: 'a', role: 'user', keyId: 'k', requestId: 'r' } as const;
const port = 47_311;
const env = { ...process.env, PARLEY_DATA: data, PARLEY_CONFIG: '/tmp/m1/config', PARLEY_GRPC_PORT: String(port), PARLEY_TELEMETRY_PORT: '0', PARLEY_LOG_LEVEL: process.env['LEVEL'] ?? 'warn' };
let child: ReturnType<typeof fork>;
const start = () => { child = fork('/work/main/services/model/dist/main.js', [], { env, execArgv: [], stdio: 'inherit' }); };
const stop = async () => { child.kill('SIGTERM'); await once(child, 'exit'); };
let inf: InstanceType<typeof inference.InferenceClient>; let adm: InstanceType<typeof modelAdmin.ModelAdminClient>;
const connect = () => { inf?.close(); adm?.close(); inf = createGrpcClient(inference.InferenceClient, { addresses: [`127.0.0.1:${port}`], tokens }); adm = createGrpcClient(modelAdmin.ModelAdminClient, { addresses: [`127.0.0.1:${port}`], tokens }); };
connect();
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
let lastTry = 0;
async function resolved(want?: string) { for (;;) { try { const { model } = await unary(inf.resolveModel.bind(inf), { model: '' }, { tenant }); if (!want || model?.name === want) return model!; } catch (e) { if ((e as { code?: string }).code === 'unavailable' && performance.now() - lastTry > 50) { lastTry = performance.now(); connect(); } } await sleep(2); } }
async function first(want?: string) {
  const model = await resolved(want);
  for await (const { update } of serverStream(inf.generate.bind(inf), { digest: model.digest, messages: [{ role: common.Role.ROLE_USER, name: '', content: [{ part: { $case: 'text', text: 'Hi' } }] }], sampling: { temperature: 0, logitBias: {} }, format: undefined, maxOutputTokens: 4, stop: [], continueFrom: undefined, cacheScope: '', sharedPrefixTokens: 0, priority: 0, turnId: 't' }, { tenant })) if (update?.$case === 'chunk') return;
}
async function job(p: Promise<modelAdmin.ModelJob>) { let j = await p; while (!j.endedAt) { await sleep(3); j = await unary(adm.getModelJob.bind(adm), { id: j.id }, { tenant }); } if (j.error) throw new Error(j.error.message); return j; }
const sw = (model: string) => unary(adm.switchAlias.bind(adm), { alias: 'default', model }, { tenant });
const ms = (t: number) => Math.round(performance.now() - t);
start(); await first('tiny'); await sleep(6000);
await job(sw('smollm2')); await first('smollm2'); await job(sw('tiny'));
for (let i = 0; i < 4; i++) {
  await job(unary(adm.unloadModel.bind(adm), { model: 'smollm2' }, { tenant })); 
  let t = performance.now(); const s = sw('smollm2'); await resolved('smollm2'); const moved = ms(t); await first('smollm2'); const tot = ms(t); await job(s);
  t = performance.now(); await sw('tiny'); await resolved('tiny'); const r1 = ms(t); await first('tiny'); const r1f = ms(t);
  t = performance.now(); await sw('smollm2'); await resolved('smollm2'); const r2 = ms(t); await first('smollm2'); const r2f = ms(t); await sleep(700);
  await job(unary(adm.unloadModel.bind(adm), { model: 'tiny' }, { tenant }));
  t = performance.now(); const s2 = sw('tiny'); await resolved('tiny'); const m2 = ms(t); await first('tiny'); const tot2 = ms(t); await job(s2);
  console.log(JSON.stringify({ coldSmol: { moved, firstToken: tot }, coldTiny: { moved: m2, firstToken: tot2 }, residentTiny: { moved: r1, firstToken: r1f }, residentSmol: { moved: r2, firstToken: r2f } }));
}
for (const m of ['tiny', 'smollm2']) {
  await job(sw(m)); await sleep(700);
  for (let i = 0; i < 3; i++) { const t = performance.now(); await stop(); const stopped = ms(t); start(); await first(m); console.log('restart', m, JSON.stringify({ stopped, firstToken: ms(t) })); await sleep(3000); }
}
await stop(); inf.close(); adm.close();

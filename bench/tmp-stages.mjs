import { mkdtempSync } from 'node:fs'; import { tmpdir } from 'node:os'; import { join } from 'node:path';
import { freePorts } from '@parley/fleet'; import { modelAdmin } from '@parley/contracts'; import { unary } from '@parley/grpc';
import { ModelProcess } from './model-process.mjs';
const dataDir = mkdtempSync(join(tmpdir(),'parley-bench-')); const [port]=await freePorts(1);
const model=new ModelProcess(dataDir,'config',port); model.start(); await model.firstToken('default');
const tenant = { tenant: 'default', role: 'admin', keyId: 'bench', requestId: 'bench' };
const move=async(name,show)=>{ const t0=performance.now(); let last='';
 let job=await unary(model.admin.switchAlias.bind(model.admin),{alias:'default',model:name},{tenant});
 while(job.state===modelAdmin.JobState.JOB_STATE_QUEUED||job.state===modelAdmin.JobState.JOB_STATE_RUNNING){
  const s=`${job.state} ${job.stage}`; if(show&&s!==last) console.log((performance.now()-t0).toFixed(0),s); last=s;
  await new Promise(r=>setTimeout(r,1)); job=await unary(model.admin.getModelJob.bind(model.admin),{id:job.id},{tenant}); }
 if(show)console.log((performance.now()-t0).toFixed(0),'end',job.stage); };
try{ await move('smollm2-135m'); await move('parley-tiny');
for(let i=0;i<4;i++){ await model.job('unloadModel',{model:'smollm2-135m'}); console.log('---'); await move('smollm2-135m',true); const t=performance.now(); await model.firstToken('default'); console.log('first token',(performance.now()-t).toFixed(0)); await move('parley-tiny'); } }
finally{ await model.close(); }

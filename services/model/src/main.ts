import { runService } from '@parley/nest';
import { readConfig } from './config.ts';
import { modelService } from './model-service.ts';

await runService(() => modelService(readConfig()));

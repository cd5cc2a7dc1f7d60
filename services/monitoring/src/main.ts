import { runService } from '@parley/nest';
import { readConfig } from './config.ts';
import { monitoringService } from './monitoring-service.ts';

await runService(() => monitoringService(readConfig()));

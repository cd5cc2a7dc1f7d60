import { runService } from '@parley/nest';
import { readConfig } from './config.ts';
import { loggingService } from './logging-service.ts';

await runService(() => loggingService(readConfig()));

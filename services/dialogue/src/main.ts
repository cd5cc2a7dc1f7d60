import { runService } from '@parley/nest';
import { readConfig } from './config.ts';
import { dialogueService } from './dialogue-service.ts';

await runService(() => dialogueService(readConfig()));

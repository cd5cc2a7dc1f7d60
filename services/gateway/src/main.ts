import { runService } from '@parley/nest';
import { readConfig } from './config.ts';
import { gatewayService } from './gateway-service.ts';

await runService(() => gatewayService(readConfig()));

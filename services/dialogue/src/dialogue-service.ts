import { assistants, dialogue, documents } from '@parley/contracts';
import type { ServiceOptions } from '@parley/nest';
import { AppModule } from './app.module.ts';
import type { DialogueConfig } from './config.ts';

/** The dialogue service as it is run. */
export function dialogueService(config: DialogueConfig): ServiceOptions {
  return {
    name: 'dialogue',
    config: config.service,
    allowedCallers: ['gateway'],
    grpcServices: [dialogue.TurnsService, assistants.AssistantsService, documents.DocumentsService],
    module: () => AppModule.register(config),
  };
}

import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { assistants } from '@parley/contracts';
import type { Assistant } from '../../../domain/assistant/assistant.ts';
import type { AssistantSource } from '../../../ports/assistant-source.ts';
import { assistantsService } from './service-name.ts';

/** Injects the assistants in effect. */
export const ASSISTANTS = Symbol('ASSISTANTS');

@Controller()
export class ListAssistantsController {
  readonly #assistants: AssistantSource;

  constructor(@Inject(ASSISTANTS) source: AssistantSource) {
    this.#assistants = source;
  }

  @GrpcMethod(assistantsService, 'ListAssistants')
  listAssistants(): assistants.ListAssistantsResponse {
    return { assistants: this.#assistants.list().map(assistantToProto) };
  }
}

function assistantToProto(assistant: Assistant): assistants.AssistantInfo {
  const { name, version, title, description, model, uses } = assistant;
  return { name, version, title, description, model, strategies: [...uses] };
}

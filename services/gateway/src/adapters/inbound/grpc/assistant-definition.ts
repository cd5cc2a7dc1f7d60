import type { MethodDefinition } from '@grpc/grpc-js';
import { gateway } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';

/** A request, or why its bytes are none. */
export type Decoded<Req> = Req | ParleyError;

/**
 * The generated definition, but a message that cannot be decoded is its sender's mistake: grpc-js would call it an
 * internal error.
 */
export const assistantDefinition = {
  chat: tolerant(gateway.AssistantService.chat),
  attach: tolerant(gateway.AssistantService.attach),
  cancel: tolerant(gateway.AssistantService.cancel),
  listModels: tolerant(gateway.AssistantService.listModels),
};

function tolerant<Req, Res>(method: MethodDefinition<Req, Res>): MethodDefinition<Decoded<Req>, Res> {
  return {
    ...method,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes) => {
      try {
        return method.requestDeserialize(bytes);
      } catch (cause) {
        return new ParleyError(
          'invalid_request',
          `The message cannot be read as the request of ${method.path}. Send one made from the proto that reflection gives.`,
          { cause },
        );
      }
    },
  };
}

/** @throws ParleyError `invalid_request` for bytes that were no request */
export function decoded<Req>(request: Decoded<Req>): Req {
  if (request instanceof ParleyError) throw request;
  return request;
}

import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { inference } from '@parley/contracts';
import { callContext, relay, signalOf } from '@parley/grpc';
import type { Observable } from 'rxjs';
import { Answers } from '../../../domain/answers/answers.ts';
import { answerRequest, updateMessage } from './inference-messages.ts';

type Call = ServerWritableStream<inference.GenerateRequest, inference.GenerateUpdate>;

/** parley.model.v1.Inference/Generate */
@Controller()
export class GenerateController {
  readonly #answers: Answers;

  constructor(@Inject(Answers) answers: Answers) {
    this.#answers = answers;
  }

  @GrpcMethod('parley.model.v1.Inference', 'Generate')
  generate(request: inference.GenerateRequest, metadata: Metadata, call: Call): Observable<never> {
    const { deadline, tenant } = callContext(metadata);
    const signal = signalOf(call);
    const scope = { tenant: tenant.tenant, signal, ...(deadline === undefined ? {} : { deadline }) };
    return relay(this.#answers.generate(answerRequest(request), scope), call, updateMessage);
  }
}

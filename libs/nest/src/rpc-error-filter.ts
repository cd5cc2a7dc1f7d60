import { Catch } from '@nestjs/common';
import type { RpcExceptionFilter } from '@nestjs/common';
import { asParleyError, toRpcException } from '@parley/grpc';
import type { Logger } from '@parley/telemetry';
import { RpcException } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';

/** The one place where an error leaves through gRPC: with its code and trailer; unexpected ones are logged here. */
@Catch()
export class RpcErrorFilter implements RpcExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(exception: unknown): Observable<never> {
    if (!(exception instanceof RpcException)) this.#logUnexpected(exception);
    const answer = toRpcException(exception).getError();
    return throwError(() => answer);
  }

  #logUnexpected(exception: unknown): void {
    const error = asParleyError(exception);
    if (error.code === 'internal') this.#logger.error({ error: exception }, 'A call failed unexpectedly');
  }
}

import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@parley/telemetry';

/** The context under which Nest reports a failed start; whoever starts the application reports it already. */
const startFailures = 'ExceptionHandler';

/** Nest's own log lines through pino. Nest tells about every module and route at `log`: that is detail, so `debug`. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#logger.debug({ context: rest.at(-1) }, String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#logger.warn({ context: rest.at(-1) }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (context === startFailures) return;
    if (message instanceof Error) this.#logger.error({ context, error: message }, message.message);
    else this.#logger.error({ context }, String(message));
  }
}

import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import type { ServiceName } from './service-name.ts';

/** A structured logger: `logger.info({ turnId }, 'Turn ended')`. */
export type Logger = PinoLogger;

/** Keys that hold credentials, wherever up to three levels deep. User text is never logged, so it needs no rule. */
const secretKeys = ['authorization', 'apiKey', 'api_key', 'password', 'secret', 'token', 'cookie'];

const redactedPaths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/**
 * One JSON line per entry on stdout, written at once. Every line names the service and the instance; with tracing on
 * it carries the ids of the active span too.
 * @param level the least severe level that is written; `silent` = none
 * @param destination for tests; stdout unless given
 */
export function createLogger(
  service: ServiceName,
  instanceId: string,
  level: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: { service, instanceId },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[secret]' },
    errorKey: 'error',
    serializers: { error: pino.stdSerializers.errWithCause },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

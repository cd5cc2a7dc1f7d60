import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import type { ServiceName } from './service-name.ts';

/** A structured logger: `logger.info({ turnId }, 'Turn ended')`. */
export type Logger = PinoLogger;

/** Keys that hold credentials, wherever up to three levels deep. User text is never logged, so it needs no rule. */
const secretKeys = ['authorization', 'apiKey', 'api_key', 'password', 'secret', 'token', 'cookie'];

const redactedPaths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** Lines that cannot be written now, and are written later; more than this are left out. */
const mostWaitingBytes = 1_000_000;

/**
 * One JSON line per entry on stdout, written at once. Every line names the service and the instance; with tracing on
 * it carries the ids of the active span too. Where stdout cannot be written, as on a full disk, lines wait (1 MB at
 * most) and the process goes on.
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
  return pino(options, destination ?? standardOutput());
}

/** Pino's own ends the process for a line that it cannot write, and then waits without end to write it after all. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: mostWaitingBytes });
  output.on('error', () => undefined);
  return output;
}

import { envInt, loadConfig, serviceSection } from '@parley/config';
import type { ConfigOf } from '@parley/config';

/** Every variable this service reads. */
export const configSpec = {
  service: serviceSection,
  record: {
    retentionDays: envInt('PARLEY_RECORD_RETENTION_DAYS', {
      default: 0,
      min: 0,
      max: 36_500,
      doc: 'Days after which recorded events are removed; 0 = never.',
    }),
  },
} as const;

export type LoggingConfig = ConfigOf<typeof configSpec>;

/** @throws ConfigError that lists every fault */
export function readConfig(env: NodeJS.ProcessEnv = process.env): LoggingConfig {
  return loadConfig(configSpec, env);
}

import {
  ConfigError,
  envInt,
  envList,
  kafkaSection,
  loadConfig,
  postgresSection,
  redisSection,
  serviceSection,
} from '@parley/config';
import type { ConfigFault, ConfigOf } from '@parley/config';
import type { RetentionPolicy } from './domain/retention-policy.ts';

/** A hundred years: more is a mistake. */
const maxDays = 36_500;
/** Every sweep names them all to the database. */
const maxTenants = 1000;

/** Every variable this service reads. */
export const configSpec = {
  service: serviceSection,
  postgres: postgresSection,
  kafka: kafkaSection,
  redis: redisSection,
  record: {
    retentionDays: envInt('PARLEY_RECORD_RETENTION_DAYS', {
      default: 0,
      min: 0,
      max: maxDays,
      doc: 'Days after which recorded events are removed; 0 = never.',
    }),
    retentionTenants: envList('PARLEY_RECORD_RETENTION_TENANTS', {
      default: [],
      doc: 'Tenants with days of their own, as acme=30,other=0.',
    }),
  },
} as const;

export type LoggingConfig = ConfigOf<typeof configSpec>;

/** @throws ConfigError that lists every fault */
export function readConfig(env: NodeJS.ProcessEnv = process.env): LoggingConfig {
  const config = loadConfig(configSpec, env);
  retentionOf(config.record);
  return config;
}

/** How long whose events are kept. @throws ConfigError that lists every fault */
export function retentionOf({ retentionDays, retentionTenants }: LoggingConfig['record']): RetentionPolicy {
  const faults: ConfigFault[] = [];
  const fault = (message: string): void => {
    faults.push({ variable: 'PARLEY_RECORD_RETENTION_TENANTS', message });
  };
  const tenants = new Map<string, number>();
  for (const entry of retentionTenants) {
    const [, tenant = '', days = ''] = /^(.+)=(\d{1,5})$/.exec(entry) ?? [];
    if (tenant === '' || Number(days) > maxDays)
      fault(`"${entry}" is not a tenant and its days, 0 to ${maxDays}, such as acme=30.`);
    else if (tenants.has(tenant)) fault(`names "${tenant}" twice.`);
    else tenants.set(tenant, Number(days));
  }
  if (tenants.size > maxTenants) fault(`names ${tenants.size} tenants; ${maxTenants} is the most.`);
  if (faults.length > 0) throw new ConfigError(faults);
  return { days: retentionDays, tenants };
}

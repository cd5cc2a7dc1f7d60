/** The services of the fleet. */
export const serviceNames = ['gateway', 'dialogue', 'model', 'logging', 'monitoring'] as const;

/** One of the five services. */
export type ServiceName = (typeof serviceNames)[number];

/** Whether a text from outside names a service. */
export function isServiceName(text: unknown): text is ServiceName {
  return serviceNames.includes(text as ServiceName);
}

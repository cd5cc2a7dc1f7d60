/** The five services, in the order in which a fleet starts them: what others depend on comes first, the gateway last. */
export const serviceNames = ['logging', 'model', 'dialogue', 'monitoring', 'gateway'] as const;

/** One of the five services. */
export type ServiceName = (typeof serviceNames)[number];

/** The order in which a fleet stops: no service loses a neighbour that it still needs to finish its work. */
export const stopOrder: readonly ServiceName[] = ['gateway', 'dialogue', 'model', 'logging', 'monitoring'];

/** Whether `text` names a service. */
export function isServiceName(text: string): text is ServiceName {
  return serviceNames.some((name) => name === text);
}

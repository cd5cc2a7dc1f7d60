import type { MethodDefinition, ServiceDefinition, UntypedHandleCall } from '@grpc/grpc-js';

type AnyMethod = MethodDefinition<unknown, unknown>;

/** Generated services in the form that Nest's gRPC transport takes: its options `package` and `packageDefinition`. */
export interface NestPackages {
  readonly package: string[];
  readonly packageDefinition: Record<string, Record<string, AnyMethod>>;
}

/** Nest looks methods up by their name in the proto file, ts-proto keys them by their name in TypeScript. */
export function nestPackages(
  services: readonly ServiceDefinition<Record<string, UntypedHandleCall>>[],
): NestPackages {
  const packages = new Set<string>();
  const packageDefinition: NestPackages['packageDefinition'] = {};
  for (const service of services) {
    for (const method of Object.values(service) as AnyMethod[]) {
      const [, serviceName = '', methodName = ''] = method.path.split('/');
      packages.add(serviceName.slice(0, serviceName.lastIndexOf('.')));
      (packageDefinition[serviceName] ??= {})[methodName] = method;
    }
  }
  return { package: [...packages], packageDefinition };
}

import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { instance } from '@parley/contracts';
import { RUNTIME } from './service-runtime.ts';
import type { ServiceRuntime } from './service-runtime.ts';

/** Tells monitoring who this process is and whether it can serve. */
@Controller()
export class InstanceController {
  readonly #runtime: ServiceRuntime;

  constructor(@Inject(RUNTIME) runtime: ServiceRuntime) {
    this.#runtime = runtime;
  }

  @GrpcMethod('parley.common.v1.Instance', 'Describe')
  describe(): instance.DescribeResponse {
    const { name, instanceId, version, startedAt, readiness } = this.#runtime;
    return {
      service: name,
      instanceId,
      version,
      startedAt,
      residentMemoryBytes: process.memoryUsage.rss(),
      ...readiness.report(),
    };
  }
}

import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Nest's Fastify adapter that also tells the type of the Fastify instance below it. */
export class HttpAdapter extends FastifyAdapter {
  get fastify() {
    return this.instance;
  }
}

/** The Fastify instance below Nest's adapter. */
export type Fastify = HttpAdapter['fastify'];

type AdapterArgument = NonNullable<ConstructorParameters<typeof HttpAdapter>[0]>;

/** Fastify's own options for plain HTTP, such as `bodyLimit`. */
export type FastifyOptions = Exclude<
  AdapterArgument,
  Fastify | { http: unknown } | { https: unknown } | { http2: unknown }
>;

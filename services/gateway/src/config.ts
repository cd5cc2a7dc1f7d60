import { envInt, envSecret, loadConfig, neighbourSection, serviceSection } from '@parley/config';
import type { ConfigOf } from '@parley/config';

/** Every variable this service reads. */
export const configSpec = {
  service: serviceSection,
  neighbours: neighbourSection,
  http: {
    port: envInt('PARLEY_PORT', {
      default: 8080,
      min: 0,
      max: 65_535,
      doc: 'The port of the public HTTP API; 0 = any free one.',
    }),
    apiKey: envSecret('PARLEY_API_KEY', {
      doc: 'The key that clients send; it has the role admin. Make one with: openssl rand -hex 32',
    }),
    bodyLimitBytes: envInt('PARLEY_BODY_LIMIT_BYTES', {
      default: 1_048_576,
      min: 1024,
      max: 20_971_520,
      doc: 'The largest request body; a larger one is answered 413.',
    }),
  },
  turns: {
    firstTokenTimeoutMs: envInt('PARLEY_FIRST_CHUNK_TIMEOUT_MS', {
      default: 30_000,
      min: 1,
      max: 3_600_000,
      doc: 'The longest a turn may wait for its first token.',
    }),
    turnTimeoutMs: envInt('PARLEY_TURN_TIMEOUT_MS', {
      default: 120_000,
      min: 1,
      max: 3_600_000,
      doc: 'The longest a whole turn may take.',
    }),
    reattachGraceMs: envInt('PARLEY_REATTACH_GRACE_MS', {
      default: 20_000,
      min: 0,
      max: 600_000,
      doc: "How long after a turn's time a stream still looks for a dialogue instance, so that it can show how a turn ended whose owner died.",
    }),
    maxStreams: envInt('PARLEY_MAX_STREAMS', {
      default: 6000,
      min: 1,
      max: 1_000_000,
      doc: 'Turns followed at once by this process; more are answered 503.',
    }),
  },
  streams: {
    pingMs: envInt('PARLEY_STREAM_PING_MS', {
      default: 15_000,
      min: 100,
      max: 600_000,
      doc: 'A silent stream sends a comment this often, so that proxies keep it open.',
    }),
    headersHeldMs: envInt('PARLEY_STREAM_HEADERS_HELD_MS', {
      default: 5_000,
      min: 0,
      max: 600_000,
      doc: 'How long a stream is not begun while its model is being switched, so that a refusal still has an HTTP status; then comments tell how far the switch is.',
    }),
    stallTimeoutMs: envInt('PARLEY_SLOW_READER_TIMEOUT_MS', {
      default: 30_000,
      min: 100,
      max: 600_000,
      doc: 'A client that takes nothing for this long is disconnected; it can re-attach.',
    }),
  },
  webSockets: {
    maxConnections: envInt('PARLEY_WS_MAX_CONNECTIONS', {
      default: 6000,
      min: 1,
      max: 1_000_000,
      doc: 'WebSocket connections at once; more are answered 503.',
    }),
    maxTurns: envInt('PARLEY_WS_MAX_TURNS', {
      default: 32,
      min: 1,
      max: 10_000,
      doc: 'Responses at once on one WebSocket connection; more get an error event.',
    }),
    heartbeatMs: envInt('PARLEY_WS_HEARTBEAT_MS', {
      default: 15_000,
      min: 100,
      max: 600_000,
      doc: 'How often a WebSocket client is pinged; one that does not answer before the next ping is disconnected.',
    }),
    idleTimeoutMs: envInt('PARLEY_WS_IDLE_TIMEOUT_MS', {
      default: 1_800_000,
      min: 100,
      max: 86_400_000,
      doc: 'A WebSocket client that says nothing for this long, with no response running, is disconnected.',
    }),
  },
  publicGrpc: {
    port: envInt('PARLEY_PUBLIC_GRPC_PORT', {
      default: 50_050,
      min: 0,
      max: 65_535,
      doc: 'The port of the public gRPC API; 0 = any free one.',
    }),
  },
} as const;

export type GatewayConfig = ConfigOf<typeof configSpec>;

/** @throws ConfigError that lists every fault */
export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  return loadConfig(configSpec, env);
}

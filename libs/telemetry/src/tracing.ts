import { register } from 'import-in-the-middle/register-hooks.mjs';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** Probes and scrapes would drown the traces that matter. */
const untracedPaths = ['/metrics', '/healthz', '/readyz'];

/** One export, its retries included: a process that ends waits as long for a collector that is away. */
const exportTimeoutMs = 3000;

/**
 * Starts OpenTelemetry from its standard environment variables: spans of HTTP and gRPC, and their ids in log lines.
 * What is imported before it stays untraced. Metrics and logs have their own ways out, so their exporters stay off.
 */
export function startTracing(): void {
  register();
  const sdk = new NodeSDK({
    traceExporter: new OTLPTraceExporter({ timeoutMillis: exportTimeoutMs }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => untracedPaths.includes(request.url ?? ''),
      }),
      new GrpcInstrumentation({ ignoreGrpcMethods: [/^\/?grpc\.health\.v1\.Health\//, 'Describe'] }),
      new PinoInstrumentation({ disableLogSending: true }),
    ],
  });
  sdk.start();
  // Spans that a collector does not take are lost; that is no reason for the service to fail.
  process.once('beforeExit', () => void sdk.shutdown().catch(() => undefined));
}

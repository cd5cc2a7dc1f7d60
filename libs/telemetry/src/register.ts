/**
 * Preload: `node --import @parley/telemetry/register main.js`. Starts tracing only when an endpoint is configured:
 * it costs a third more CPU per request and about 100 MB, so nobody pays for it unasked.
 */
if ((process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '') !== '') {
  const { startTracing } = await import('./tracing.ts');
  startTracing();
}

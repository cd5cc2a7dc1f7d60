import { isSpanContextValid, trace } from '@opentelemetry/api';

/** The active span as a W3C `traceparent` header; undefined when tracing is off or no span is active. */
export function currentTraceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

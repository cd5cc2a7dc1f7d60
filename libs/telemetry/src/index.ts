export { isServiceName, serviceNames } from './service-name.ts';
export type { ServiceName } from './service-name.ts';
export { metricSchema } from './metric-schema.ts';
export type {
  CounterName,
  GaugeName,
  HistogramName,
  LabelsOf,
  LabelValues,
  MetricDefinition,
  MetricName,
} from './metric-schema.ts';
export { createMetrics } from './metrics.ts';
export type { CounterMetric, GaugeMetric, HistogramMetric, Metrics } from './metrics.ts';
export { createLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export { currentTraceparent } from './traceparent.ts';

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { metricSchema } from './metric-schema.ts';
import type {
  CounterName,
  GaugeName,
  HistogramName,
  LabelsOf,
  MetricDefinition,
  MetricName,
} from './metric-schema.ts';
import type { ServiceName } from './service-name.ts';

/** Counts up. */
export interface CounterMetric<L> {
  /** @param value how much, 1 unless told */
  inc(labels?: L, value?: number): void;
}

/** Goes up and down. */
export interface GaugeMetric<L> {
  set(labels: L, value: number): void;
  inc(labels?: L, value?: number): void;
  dec(labels?: L, value?: number): void;
  /** Forgets one series, for example of a model that was unloaded. */
  remove(labels: L): void;
}

/** Counts values into buckets. */
export interface HistogramMetric<L> {
  observe(labels: L, value: number): void;
}

/** The metrics of one service. Names and labels are those of the schema; others do not compile. */
export interface Metrics {
  readonly registry: Registry;
  /** The prom-client content type of `text`. */
  readonly contentType: string;
  /** @throws Error when the metric belongs to another service; so do the two below. */
  counter<N extends CounterName>(name: N): CounterMetric<LabelsOf<N>>;
  gauge<N extends GaugeName>(name: N): GaugeMetric<LabelsOf<N>>;
  histogram<N extends HistogramName>(name: N): HistogramMetric<LabelsOf<N>>;
  /** All series in Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * Registers all metrics of `service` and the default process metrics in a registry of their own. Gauges and counters
 * whose labels are closed lists exist, as 0, from the start, so that an alert or autoscaler sees them.
 */
export function createMetrics(service: ServiceName): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, definition] of Object.entries<MetricDefinition>(metricSchema)) {
    if (definition.service !== service) continue;
    const options = {
      name,
      help: definition.help,
      labelNames: Object.keys(definition.labels),
      registers: [registry],
    };
    if (definition.type === 'counter') counters.set(name, startAtZero(new Counter(options), definition));
    else if (definition.type === 'gauge') gauges.set(name, startAtZero(new Gauge(options), definition));
    else histograms.set(name, new Histogram({ ...options, buckets: [...(definition.buckets ?? [])] }));
  }
  return {
    registry,
    contentType: registry.contentType,
    counter: (name) => counterMetric(registered(counters, name, service)),
    gauge: (name) => gaugeMetric(registered(gauges, name, service)),
    histogram: (name) => histogramMetric(registered(histograms, name, service)),
    text: () => registry.metrics(),
  };
}

type LabelRecord = Record<string, string>;

function registered<T>(metrics: ReadonlyMap<string, T>, name: MetricName, service: ServiceName): T {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`The metric ${name} is not one of the ${service} service's.`);
  return metric;
}

function counterMetric<L>(counter: Counter): CounterMetric<L> {
  return { inc: (labels, value = 1) => counter.inc((labels ?? {}) as LabelRecord, value) };
}

function gaugeMetric<L>(gauge: Gauge): GaugeMetric<L> {
  return {
    set: (labels, value) => gauge.set(labels as LabelRecord, value),
    inc: (labels, value = 1) => gauge.inc((labels ?? {}) as LabelRecord, value),
    dec: (labels, value = 1) => gauge.dec((labels ?? {}) as LabelRecord, value),
    remove: (labels) => gauge.remove(labels as LabelRecord),
  };
}

function histogramMetric<L>(histogram: Histogram): HistogramMetric<L> {
  return { observe: (labels, value) => histogram.observe(labels as LabelRecord, value) };
}

function startAtZero<M extends Counter | Gauge>(metric: M, definition: MetricDefinition): M {
  for (const labels of closedCombinations(definition)) metric.inc(labels, 0);
  return metric;
}

function closedCombinations(definition: MetricDefinition): LabelRecord[] {
  let combinations: LabelRecord[] = [{}];
  for (const [label, values] of Object.entries(definition.labels)) {
    if (values === 'bounded') return [];
    combinations = combinations.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
  }
  return combinations;
}

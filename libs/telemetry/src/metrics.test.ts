import { describe, expect, it } from 'vitest';
import { createMetrics, metricSchema, serviceNames } from '@parley/telemetry';
import type { MetricDefinition } from '@parley/telemetry';

/** Names of the metrics in Prometheus text, without the default ones of the process. */
function ownNames(text: string): string[] {
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '');
  return names.filter((name) => !/^(process|nodejs)_/.test(name));
}

describe('/metrics', () => {
  it.each(serviceNames)('of %s serves exactly the metrics that the schema gives it', async (service) => {
    const expected = Object.entries<MetricDefinition>(metricSchema).filter(
      ([, metric]) => metric.service === service,
    );
    expect(ownNames(await createMetrics(service).text()).sort()).toEqual(
      expected.map(([name]) => name).sort(),
    );
  });

  it('includes the default process metrics and names the service on every line', async () => {
    const text = await createMetrics('model').text();
    expect(text).toContain('process_resident_memory_bytes{service="model"}');
    expect(text).toContain('nodejs_eventloop_lag_seconds{service="model"}');
  });

  it('shows gauges that autoscaling reads as 0 from the start', async () => {
    expect(await createMetrics('dialogue').text()).toContain(
      'parley_dialogue_inflight_turns{service="dialogue"} 0',
    );
    expect(await createMetrics('gateway').text()).toContain(
      'parley_gateway_inflight_requests{protocol="sse",service="gateway"} 0',
    );
    expect(await createMetrics('monitoring').text()).toContain('state="ready"');
  });

  it('shows what was counted, set and observed', async () => {
    const metrics = createMetrics('model');
    metrics.gauge('parley_model_slots').set({ model: 'tiny', state: 'busy' }, 3);
    metrics.gauge('parley_model_slots').inc({ model: 'tiny', state: 'busy' });
    metrics
      .histogram('gen_ai_client_token_usage')
      .observe({ gen_ai_response_model: 'tiny', gen_ai_token_type: 'input' }, 5);
    const text = await metrics.text();
    expect(text).toContain('parley_model_slots{model="tiny",state="busy",service="model"} 4');
    expect(text).toMatch(/gen_ai_client_token_usage_bucket\{le="8",.*\} 1/);
    expect(text).toMatch(/gen_ai_client_token_usage_bucket\{le="4",.*\} 0/);
  });

  it('forgets a series that is removed', async () => {
    const metrics = createMetrics('model');
    metrics.gauge('parley_model_queue_length').set({ model: 'gone' }, 1);
    metrics.gauge('parley_model_queue_length').remove({ model: 'gone' });
    expect(await metrics.text()).not.toContain('gone');
  });

  it('refuses a metric of another service', () => {
    expect(() => createMetrics('model').counter('parley_gateway_rejected_total')).toThrow(
      /not one of the model service/,
    );
  });

  it('keeps the metrics of two services in one process apart', async () => {
    const [one, two] = [createMetrics('dialogue'), createMetrics('dialogue')];
    one.gauge('parley_outbox_pending').set({}, 7);
    expect(await two.text()).toContain('parley_outbox_pending{service="dialogue"} 0');
  });
});

describe('the metric schema', () => {
  const entries = Object.entries<MetricDefinition>(metricSchema);

  it.each(entries)('gives %s a lawful name and a unit', (name, metric) => {
    expect(name).toMatch(/^(parley|gen_ai)_[a-z_]+$/);
    if (metric.type === 'counter') expect(name).toMatch(/_total$/);
    if (metric.type === 'histogram') expect(name).toMatch(/_(seconds|size|usage)$/);
  });

  it.each(entries.filter(([, metric]) => metric.type === 'histogram'))(
    'gives %s buckets that tell percentiles apart',
    (_, metric) => {
      const buckets = metric.buckets ?? [];
      const steps = buckets.slice(1).map((bound, index) => bound / (buckets[index] ?? 1));
      expect(Math.min(...steps)).toBeGreaterThan(1);
      expect(Math.max(...steps)).toBeLessThanOrEqual(2.5);
    },
  );

  it('keeps ids and free text out of labels', () => {
    const labels = new Set(entries.flatMap(([, metric]) => Object.keys(metric.labels)));
    expect([...labels].filter((label) => /(^|_)(id|message|user|tenant|key|prompt)$/.test(label))).toEqual(
      [],
    );
  });
});

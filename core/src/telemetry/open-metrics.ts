import { type Metric, type MetricObject, type OpenMetricsContentType, Registry } from 'prom-client';

/** What the registry's writer needs of a metric. */
interface Readable {
  name: string;
  type: string;
  get(): Promise<MetricObject>;
  /** Histograms have their exemplars only here. */
  getForPromString?(): Promise<MetricObject>;
}

/**
 * The same metrics as OpenMetrics text, which has exemplars. prom-client's own way, another content type for the one
 * registry, renames the counters for good when it is asked for once: the plain text would be wrong from then on.
 */
export function openMetricsOf(registry: Registry): Registry<OpenMetricsContentType> {
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const metric of registry.getMetricsAsArray() as unknown as Readable[]) {
    // The writer puts `_total` behind a counter's name, which must not have it yet.
    const name = metric.type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
    const read = () => metric.getForPromString?.() ?? metric.get();
    const view: Readable = { name, type: metric.type, get: async () => ({ ...(await read()), name }) };
    open.registerMetric(view as unknown as Metric);
  }
  return open;
}

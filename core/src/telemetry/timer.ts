import { Histogram, type HistogramConfiguration, type LabelValues } from 'prom-client';

/** A histogram of seconds. Where traces are recorded each bucket remembers one of them: an exemplar. */
export interface Timer<Label extends string> {
  /** @param traceId of a trace that is recorded; without traces nobody reads it */
  observe(labels: LabelValues<Label>, seconds: number, traceId?: string): void;
  get: Histogram<Label>['get'];
}

export function createTimer<Label extends string>(
  options: HistogramConfiguration<Label>,
  withExemplars: boolean,
): Timer<Label> {
  if (!withExemplars) return new Histogram(options);
  // Registered by hand: the library refuses exemplars in a registry of plain text, which only leaves them out.
  const histogram = new Histogram({ ...options, registers: [], enableExemplars: true });
  for (const registry of options.registers ?? []) registry.registerMetric(histogram);
  return {
    observe(labels, value, traceId) {
      // The library's types know exemplars by the histogram's own labels only.
      const exemplarLabels =
        traceId === undefined ? {} : ({ trace_id: traceId } as LabelValues<string> as typeof labels);
      histogram.observe({ labels, value, exemplarLabels });
    },
    get: () => histogram.get(),
  };
}

import { Gauge, type GaugeConfiguration, type LabelValues } from 'prom-client';

export interface Sample<Label extends string> {
  labels: LabelValues<Label>;
  value: number;
}

/** A gauge that is asked for whenever somebody scrapes, so that nothing is spent on it in between. */
export interface Sampled<Label extends string> {
  /** Adds somebody to ask; one that fails is left out until the next scrape. Returns how to ask no more. */
  ask(source: () => Sample<Label>[] | Promise<Sample<Label>[]>): () => void;
}

export function createSampled<Label extends string>(options: GaugeConfiguration<Label>): Sampled<Label> {
  const sources = new Set<Parameters<Sampled<Label>['ask']>[0]>();
  const gauge = new Gauge({
    ...options,
    async collect() {
      const answers = await Promise.allSettled([...sources].map(async (source) => source()));
      // What nobody names any more (an endpoint that was taken out) must not keep its old value.
      gauge.reset();
      // Without labels that would be a 0 that nobody has said.
      if (!options.labelNames?.length) gauge.remove();
      for (const answer of answers) {
        if (answer.status === 'rejected') continue;
        for (const { labels, value } of answer.value) gauge.set(labels, value);
      }
    },
  });
  return {
    ask(source) {
      sources.add(source);
      return () => sources.delete(source);
    },
  };
}

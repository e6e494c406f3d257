import { Counter, collectDefaultMetrics, type OpenMetricsContentType, Registry } from 'prom-client';
import { boundedNames } from './bounded.ts';
import { openMetricsOf } from './open-metrics.ts';
import { createStateMetrics, type StateMetrics } from './state-metrics.ts';
import { createTimeMetrics, type TimeMetrics } from './time-metrics.ts';

/** Everything the hub counts. Labels come from closed sets or from the configuration, so their number is bounded. */
export interface Metrics extends TimeMetrics, StateMetrics {
  registry: Registry;
  /** The same with exemplars, for whoever reads OpenMetrics; only where traces are recorded. */
  openMetrics?: Registry<OpenMetricsContentType> | undefined;
  /** What a tenant is called in counters: its id, for the first thousand of a process. */
  tenantLabel: (tenant: string) => string;
  /** Platform events by what became of them: `accepted`, `duplicate`, `flooded`, `stopped`, `refused_*`, an IgnoreReason, … */
  events: Counter<'platform' | 'outcome'>;
  /** Calls to models: `success` or the error's code. */
  modelCalls: Counter<'model' | 'status'>;
  /** Calls to platforms that failed, by error code. */
  platformErrors: Counter<'platform' | 'code'>;
  /** Tokens of models: `in`, `out`. */
  tokens: Counter<'tenant' | 'model' | 'direction'>;
  /** US dollars for models. */
  cost: Counter<'tenant'>;
  /** Questions that might have been in the answer cache: `hit`, `miss`; a hit's level: `memory`, `redis`. */
  cacheLookups: Counter<'outcome' | 'level'>;
  /** Questions refused: `rate`, `quota`, `budget`, `keyword`, `injection`. */
  refusals: Counter<'platform' | 'reason'>;
  /** Configuration reloads by outcome. */
  configReloads: Counter<'outcome'>;
  /** Spans of traces: `recorded`, and of these `sent` or `failed`; the rest waits or was dropped. */
  spans: Counter<'outcome'>;
}

/** @param withExemplars whether traces are recorded that buckets can point to */
export function createMetrics({ withExemplars = false } = {}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const metrics = {
    registry,
    tenantLabel: boundedNames(),
    ...createTimeMetrics(registry, withExemplars),
    ...createStateMetrics(registry),
    events: new Counter({
      name: 'parley_events_total',
      help: 'Platform events by platform and outcome',
      labelNames: ['platform', 'outcome'],
      registers,
    }),
    modelCalls: new Counter({
      name: 'parley_model_calls_total',
      help: 'Calls to models by model and status',
      labelNames: ['model', 'status'],
      registers,
    }),
    platformErrors: new Counter({
      name: 'parley_platform_errors_total',
      help: 'Failed calls to platforms by platform and error code',
      labelNames: ['platform', 'code'],
      registers,
    }),
    tokens: new Counter({
      name: 'parley_tokens_total',
      help: 'Tokens of models by tenant, model and direction',
      labelNames: ['tenant', 'model', 'direction'],
      registers,
    }),
    cost: new Counter({
      name: 'parley_cost_usd_total',
      help: 'US dollars for models by tenant',
      labelNames: ['tenant'],
      registers,
    }),
    cacheLookups: new Counter({
      name: 'parley_cache_lookups_total',
      help: 'Questions looked up in the answer cache by outcome and level',
      labelNames: ['outcome', 'level'],
      registers,
    }),
    refusals: new Counter({
      name: 'parley_refusals_total',
      help: 'Questions refused by limits or the guard, by platform and reason',
      labelNames: ['platform', 'reason'],
      registers,
    }),
    configReloads: new Counter({
      name: 'parley_config_reloads_total',
      help: 'Configuration reloads by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    spans: new Counter({
      name: 'parley_trace_spans_total',
      help: 'Spans of traces by what became of them: recorded, sent, failed',
      labelNames: ['outcome'],
      registers,
    }),
  };
  return withExemplars ? { ...metrics, openMetrics: openMetricsOf(registry) } : metrics;
}

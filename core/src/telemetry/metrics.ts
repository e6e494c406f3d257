import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Everything the hub counts. Labels come from closed sets or from the configuration, so their number is bounded. */
export interface Metrics {
  registry: Registry;
  /** Platform events by what became of them: `accepted`, `duplicate`, `flooded`, `stopped`, `refused_*`, an IgnoreReason, … */
  events: Counter<'platform' | 'outcome'>;
  /** Calls to models: `success` or the error's code. */
  modelCalls: Counter<'model' | 'status'>;
  /** Event received → final reply accepted by the platform. */
  turnSeconds: Histogram<'platform' | 'status'>;
  /** Calls to platforms that failed, by error code. */
  platformErrors: Counter<'platform' | 'code'>;
  /** Messages waiting for an answer, all conversations together. */
  queueDepth: Gauge;
  /** Turns that were given up and wait for an operator, and those that had to make room for newer ones. */
  deadLetters: Gauge<'tenant'>;
  deadLettersDropped: Gauge<'tenant'>;
  /** Turns being answered by this process. */
  activeTurns: Gauge;
  /** 1 on the process that holds a channel's long connection. */
  connectionOwned: Gauge<'channel'>;
  /** Tokens of models: `in`, `out`. */
  tokens: Counter<'tenant' | 'model' | 'direction'>;
  /** US dollars for models. */
  cost: Counter<'tenant'>;
  /** Questions that might have been in the answer cache: `hit`, `miss`. */
  cacheLookups: Counter<'outcome'>;
  /** Says how many bytes of memory the answers in the cache take whenever somebody asks. */
  watchCacheBytes(bytes: () => number): void;
  /** Questions refused: `rate`, `quota`, `budget`, `keyword`, `injection`. */
  refusals: Counter<'platform' | 'reason'>;
  /** Configuration reloads by outcome. */
  configReloads: Counter<'outcome'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  let cacheBytes = () => 0;
  new Gauge({
    name: 'parley_cache_bytes',
    help: 'Memory of this process that cached answers take',
    registers,
    collect() {
      this.set(cacheBytes());
    },
  });
  return {
    registry,
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
    turnSeconds: new Histogram({
      name: 'parley_turn_duration_seconds',
      help: 'Time from the event received to the final reply accepted by the platform',
      labelNames: ['platform', 'status'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 40, 80],
      registers,
    }),
    platformErrors: new Counter({
      name: 'parley_platform_errors_total',
      help: 'Failed calls to platforms by platform and error code',
      labelNames: ['platform', 'code'],
      registers,
    }),
    queueDepth: new Gauge({ name: 'parley_queue_depth', help: 'Messages waiting for an answer', registers }),
    deadLetters: new Gauge({
      name: 'parley_dead_letters',
      help: 'Turns that were given up and wait for an operator, by tenant',
      labelNames: ['tenant'],
      registers,
    }),
    deadLettersDropped: new Gauge({
      name: 'parley_dead_letters_dropped',
      help: 'Dead letters that had to make room for newer ones, by tenant',
      labelNames: ['tenant'],
      registers,
    }),
    activeTurns: new Gauge({ name: 'parley_active_turns', help: 'Turns this process is answering now', registers }),
    connectionOwned: new Gauge({
      name: 'parley_connection_owned',
      help: 'Whether this process holds the long connection of a channel',
      labelNames: ['channel'],
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
      help: 'Questions looked up in the answer cache by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    watchCacheBytes(bytes) {
      cacheBytes = bytes;
    },
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
  };
}

import { Counter, type HistogramConfiguration, type Registry } from 'prom-client';
import { createTimer, type Timer } from './timer.ts';

/** How long things take. Labels as in `Metrics`. */
export interface TimeMetrics {
  /** Event received → final reply accepted by the platform. */
  turnSeconds: Timer<'platform' | 'status'>;
  /** The same in pieces: `queue`, `decide`, `model`, `deliver`. */
  phaseSeconds: Timer<'platform' | 'phase'>;
  /** What the hub itself adds: without models, platforms, and waits that somebody asked for. */
  ownSeconds: Timer<'platform'>;
  /** Event received → the asker sees the first words. */
  visibleSeconds: Timer<'platform'>;
  /** Every time three turns in a row were slow by the hub's own doing. */
  slowStreaks: Counter<'platform'>;
  /** Webhook received → answered; by the class of the answer (`2xx`). */
  webhookSeconds: Timer<'platform' | 'status'>;
  /** A request of the chat API → its answer, its last event where it streams; by the class of the answer. */
  apiSeconds: Timer<'route' | 'status'>;
  /** One call to a model; `success` or `failed`. */
  modelSeconds: Timer<'model' | 'status'>;
  firstTokenSeconds: Timer<'model'>;
  /** How long a final text waits for the platform's pace; also where the turn is put aside for it. */
  governorSeconds: Timer<'platform'>;
}

/** Where people wait: from what nobody notices to what nobody waits for. */
const ANSWER_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 40, 80];
/** Where only the hub works. 0.3, 0.5 and 1 are what alerts are about. */
const OWN_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10];

/** @param withExemplars whether traces are recorded that buckets can point to */
export function createTimeMetrics(registry: Registry, withExemplars: boolean): TimeMetrics {
  const registers = [registry];
  const timer = <Label extends string>(options: Omit<HistogramConfiguration<Label>, 'registers'>) =>
    createTimer({ ...options, registers }, withExemplars);
  return {
    turnSeconds: timer({
      name: 'parley_turn_duration_seconds',
      help: 'Time from the event received to the final reply accepted by the platform',
      labelNames: ['platform', 'status'],
      buckets: [0.01, 0.025, ...ANSWER_BUCKETS],
    }),
    phaseSeconds: timer({
      name: 'parley_turn_phase_seconds',
      help: 'Time of a turn by phase: queue, decide, model, deliver',
      labelNames: ['platform', 'phase'],
      buckets: [0.005, 0.025, ...ANSWER_BUCKETS],
    }),
    ownSeconds: timer({
      name: 'parley_own_time_seconds',
      help: 'Time that the hub itself adds to a turn, without models, platforms and deliberate waits',
      labelNames: ['platform'],
      buckets: OWN_BUCKETS,
    }),
    visibleSeconds: timer({
      name: 'parley_first_visible_seconds',
      help: 'Time from the event received to the first words that the asker sees',
      labelNames: ['platform'],
      buckets: ANSWER_BUCKETS,
    }),
    slowStreaks: new Counter({
      name: 'parley_slow_streaks_total',
      help: 'Three turns in a row that took more than a second of the hub itself',
      labelNames: ['platform'],
      registers,
    }),
    webhookSeconds: timer({
      name: 'parley_webhook_duration_seconds',
      help: 'Time from a webhook received to its answer, by class of status',
      labelNames: ['platform', 'status'],
      buckets: OWN_BUCKETS,
    }),
    apiSeconds: timer({
      name: 'parley_api_duration_seconds',
      help: 'Time from a request of the chat API to the end of its answer, by route and class of status',
      labelNames: ['route', 'status'],
      buckets: [0.005, 0.025, ...ANSWER_BUCKETS],
    }),
    modelSeconds: timer({
      name: 'parley_model_duration_seconds',
      help: 'Time of one call to a model',
      labelNames: ['model', 'status'],
      buckets: [0.025, ...ANSWER_BUCKETS],
    }),
    firstTokenSeconds: timer({
      name: 'parley_model_first_token_seconds',
      help: 'Time from the call of a model to its first token',
      labelNames: ['model'],
      buckets: [0.025, ...ANSWER_BUCKETS],
    }),
    governorSeconds: timer({
      name: 'parley_governor_wait_seconds',
      help: 'Time that final texts wait for the pace of the platform',
      labelNames: ['platform'],
      buckets: ANSWER_BUCKETS,
    }),
  };
}

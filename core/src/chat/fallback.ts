import type { ModelConfig } from '../config/index.ts';
import type { ErrorCode, ParleyError } from '../errors/index.ts';
import { openRoutes, type Route } from './routes.ts';

/** What the next attempt is made with. */
export interface Target {
  model: ModelConfig;
  route: Route;
  /** Send only the newer half of the history: the whole was too long for this model. */
  halfHistory: boolean;
}

export interface Plan {
  first(): Target | undefined;
  /** Where to go after the last target failed like this; undefined: nowhere. */
  after(code: ErrorCode): Target | undefined;
}

/** With a hundred keys that are all throttled the asker is better off with an honest "busy" than with a long wait. */
const MAX_ATTEMPTS_PER_MODEL = 8;
const MAX_ATTEMPTS = 20;

type Action = 'next_key' | 'next_endpoint' | 'shorten' | 'next_model' | 'stop';

/** Codes that are not listed are faults on our side or in the configuration: another model may still do. */
const ACTIONS: Partial<Record<ErrorCode, Action>> = {
  model_rate_limited: 'next_key',
  model_auth: 'next_key',
  model_out_of_money: 'next_key',
  model_overloaded: 'next_endpoint',
  model_timeout: 'next_endpoint',
  model_bad_response: 'next_endpoint',
  model_context_too_long: 'shorten',
  // The asker's own doing, or the asker has gone: no other model is to answer what one refused.
  model_content_filtered: 'stop',
  model_invalid_request: 'stop',
  model_aborted: 'stop',
};

/** The order of attempts through keys, endpoints and models; each failure decides about the next step. */
export function createPlan(chain: readonly ModelConfig[], canShorten: boolean): Plan {
  const models = chain.values();
  let model: ModelConfig;
  let routes: ReturnType<typeof openRoutes>;
  let target: Target | undefined;
  let attempts = 0;
  let attemptsOfModel = 0;

  function nextModel(): Target | undefined {
    const next = models.next();
    if (next.done) return undefined;
    model = next.value;
    routes = openRoutes(model);
    attemptsOfModel = 0;
    return { model, route: routes.first(), halfHistory: false };
  }

  function sameModel(action: Action): Target | undefined {
    if (target === undefined || attemptsOfModel >= MAX_ATTEMPTS_PER_MODEL) return undefined;
    const { halfHistory } = target;
    if (action === 'shorten') return canShorten && !halfHistory ? { ...target, halfHistory: true } : undefined;
    if (action === 'next_model') return undefined;
    const route = routes.after(action === 'next_key' ? 'key' : 'endpoint');
    return route && { model, route, halfHistory };
  }

  function go(next: Target | undefined): Target | undefined {
    attempts++;
    attemptsOfModel++;
    target = next;
    return next;
  }

  return {
    first: () => go(nextModel()),
    after(code) {
      const action = ACTIONS[code] ?? 'next_model';
      if (action === 'stop' || attempts >= MAX_ATTEMPTS) return undefined;
      return go(sameModel(action) ?? nextModel());
    },
  };
}

/** From what helps the asker most (shorten it, wait) to what only an administrator can mend. */
const TELLING: ErrorCode[] = [
  'model_aborted',
  'model_content_filtered',
  'model_invalid_request',
  'model_context_too_long',
  'model_rate_limited',
  'model_overloaded',
  'model_timeout',
  'model_bad_response',
  'model_out_of_money',
  'model_auth',
];

/** The error to end with when all of these attempts failed (at least one); of equals the last. */
export function mostTelling(failures: readonly ParleyError[]): ParleyError {
  const rank = ({ code }: ParleyError) => (TELLING.includes(code) ? TELLING.indexOf(code) : TELLING.length);
  return failures.reduce((best, error) => (rank(error) <= rank(best) ? error : best));
}

import type { ModelConfig } from '../config/index.ts';
import type { ErrorCode, ParleyError } from '../errors/index.ts';
import type { Route } from '../pool/types.ts';
import { contextTokens } from './context.ts';

/** What the next attempt is made with. */
export interface Target {
  model: ModelConfig;
  /** Send only the newer half of the history: the whole was too long for this model. */
  halfHistory: boolean;
  /** Ways that were tried for this model, and endpoints it has given up. */
  tried: Route[];
  badEndpoints: Set<string | undefined>;
}

export interface Plan {
  first(): Target | undefined;
  /** Where to go after the last target failed like this, over this route if there was one; undefined: nowhere. */
  after(code: ErrorCode, route?: Route): Target | undefined;
}

export interface PlanOptions {
  /** Whether there is a history to cut short. */
  canShorten: boolean;
  fallbackWhenFiltered: boolean;
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
export function createPlan(chain: readonly ModelConfig[], options: PlanOptions): Plan {
  let left = [...chain];
  let target: Target | undefined;
  let attempts = 0;
  let attemptsOfModel = 0;

  function nextModel(models: ModelConfig[] = left): Target | undefined {
    const [model] = models;
    if (!model) return undefined;
    left = left.filter((one) => one !== model);
    attemptsOfModel = 0;
    return { model, halfHistory: false, tried: [], badEndpoints: new Set() };
  }

  function go(next: Target | undefined): Target | undefined {
    attempts++;
    attemptsOfModel++;
    target = next;
    return next;
  }

  /** A model that reads more, else this one with less to read, else whatever comes. */
  function shorten(current: Target): Target | undefined {
    const roomier = left.filter((model) => contextTokens(model) > contextTokens(current.model));
    if (roomier.length > 0) return nextModel(roomier);
    return options.canShorten && !current.halfHistory ? { ...current, halfHistory: true } : nextModel();
  }

  return {
    first: () => go(nextModel()),
    after(code, route) {
      const filtered = code === 'model_content_filtered' && options.fallbackWhenFiltered;
      const action = filtered ? 'next_model' : (ACTIONS[code] ?? 'next_model');
      if (!target || action === 'stop' || attempts >= MAX_ATTEMPTS) return undefined;
      if (action === 'shorten') return go(shorten(target));
      if (action === 'next_model' || !route || attemptsOfModel >= MAX_ATTEMPTS_PER_MODEL) return go(nextModel());
      target.tried.push(route);
      if (action === 'next_endpoint') target.badEndpoints.add(route.baseUrl);
      return go(target);
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

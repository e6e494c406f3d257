import type { ModelConfig } from '../config/index.ts';

/** One way to a model: an endpoint and a key. */
export interface Route {
  baseUrl: string | undefined;
  apiKey: string | undefined;
  /** Position of the key in the pool; undefined when the model has no keys. */
  keyIndex: number | undefined;
  /** The endpoint's name in logs and metrics: its region, else its host. A URL could hold secrets. */
  name: string | undefined;
}

export interface Routes {
  first(): Route;
  /** The way to try next, or undefined when this model has no other. */
  after(failed: 'key' | 'endpoint'): Route | undefined;
}

/** Which key is used first next time, per model. Goes with the model's configuration. */
const turns = new WeakMap<ModelConfig, number>();

/**
 * The ways to one model for one answer: endpoints in their order, keys in turn from answer to answer. A failed key
 * gives way to the next one at the same endpoint; a failed endpoint, or one whose keys have all failed, to the next
 * endpoint with all keys anew (keys of some APIs are good at one endpoint only).
 */
export function openRoutes(model: ModelConfig): Routes {
  const keys = model.keys.length;
  const endpoints = Math.max(1, model.endpoints.length);
  let key = keys === 0 ? 0 : (turns.get(model) ?? 0) % keys;
  turns.set(model, key + 1);
  let keysTried = 1;
  let endpoint = 0;

  function current(): Route {
    const place = model.endpoints[endpoint];
    return {
      baseUrl: place?.base_url,
      apiKey: model.keys[key],
      keyIndex: keys === 0 ? undefined : key,
      name: place && (place.region ?? new URL(place.base_url).host),
    };
  }

  return {
    first: current,
    after(failed) {
      if (failed === 'key' && keysTried < keys) {
        keysTried++;
        key = (key + 1) % keys;
        return current();
      }
      if (endpoint + 1 >= endpoints) return undefined;
      endpoint++;
      keysTried = 1;
      return current();
    },
  };
}

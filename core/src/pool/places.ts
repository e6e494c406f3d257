import { LRUCache } from 'lru-cache';
import { ParleyError } from '../errors/index.ts';

/** A bounded number of places; who has to wait waits in line, the tenants by turns. */
export interface Places {
  readonly taken: number;
  readonly waiting: number;
  /** How many there are now. A smaller number takes nothing away from whoever has a place. */
  limit: number;
  /** Resolves when there is a place; rejects with `model_overloaded` at the deadline or when too many wait, and on abort. */
  take(tenant: string, options: { signal: AbortSignal; deadlineAt: number }): Promise<void>;
  free(): void;
}

export interface PlacesOptions {
  /** Somebody has begun to wait. */
  onShort?: (() => void) | undefined;
  /** A place was given back, and nobody here takes it. */
  onFree?: (() => void) | undefined;
}

const MAX_WAITING = 10_000;
const MAX_ENDPOINTS = 10_000;

interface Waiting {
  go(): void;
}

export function createPlaces({ onShort, onFree }: PlacesOptions = {}): Places {
  /** Lines by tenant; the map's order is whose turn it is. */
  const lines = new Map<string, Waiting[]>();
  let waiting = 0;
  let taken = 0;
  let limit = 0;

  function next(): Waiting | undefined {
    for (const [tenant, line] of lines) {
      // To the end: the others come first next time.
      lines.delete(tenant);
      const first = line.shift();
      if (line.length > 0) lines.set(tenant, line);
      if (first) return first;
    }
    return undefined;
  }

  function seat(): void {
    while (taken < limit) {
      const heir = next();
      if (!heir) return;
      taken++;
      heir.go();
    }
  }

  function enter(tenant: string, { signal, deadlineAt }: { signal: AbortSignal; deadlineAt: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        go() {
          stop();
          resolve();
        },
      };
      const leave = (error: ParleyError) => {
        stop();
        const line = lines.get(tenant) ?? [];
        const at = line.indexOf(one);
        if (at >= 0) line.splice(at, 1);
        if (line.length === 0) lines.delete(tenant);
        reject(error);
      };
      const onAbort = () => leave(new ParleyError('model_aborted', 'aborted while waiting for a free place'));
      const timer = setTimeout(
        () => leave(new ParleyError('model_overloaded', 'no place became free in time')),
        Math.max(0, deadlineAt - Date.now()),
      );
      function stop(): void {
        waiting--;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
      waiting++;
      signal.addEventListener('abort', onAbort, { once: true });
      lines.set(tenant, [...(lines.get(tenant) ?? []), one]);
    });
  }

  return {
    get taken() {
      return taken;
    },
    get waiting() {
      return waiting;
    },
    get limit() {
      return limit;
    },
    set limit(places) {
      limit = places;
      seat();
    },
    async take(tenant, options) {
      // Whoever comes later does not overtake those in line.
      if (taken < limit && waiting === 0) {
        taken++;
        return;
      }
      if (waiting >= MAX_WAITING) throw new ParleyError('model_overloaded', 'too many questions wait for the model');
      const turn = enter(tenant, options);
      onShort?.();
      await turn;
    },
    free() {
      const before = taken;
      taken--;
      seat();
      if (taken < before) onFree?.();
    },
  };
}

/** The places of endpoints for a process that is alone. */
export function createOwnPlaces() {
  const all = new LRUCache<string, Places>({ max: MAX_ENDPOINTS });
  return {
    placesAt(endpoint: string, bound: number): Places {
      const places = all.get(endpoint) ?? createPlaces();
      all.set(endpoint, places);
      if (places.limit !== bound) places.limit = bound;
      return places;
    },
    close: async (): Promise<void> => {},
  };
}

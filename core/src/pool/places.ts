import { ParleyError } from '../errors/index.ts';

/** A bounded number of places; who has to wait waits in line, the tenants by turns. */
export interface Places {
  readonly taken: number;
  /** Resolves when there is a place; rejects with `model_overloaded` at the deadline or when too many wait, and on abort. */
  take(tenant: string, limit: number, options: { signal: AbortSignal; deadlineAt: number }): Promise<void>;
  free(): void;
}

const MAX_WAITING = 10_000;

interface Waiting {
  go(): void;
}

export function createPlaces(): Places {
  /** Lines by tenant; the map's order is whose turn it is. */
  const lines = new Map<string, Waiting[]>();
  let waiting = 0;
  let taken = 0;

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
    async take(tenant, limit, options) {
      if (taken < limit) {
        taken++;
        return;
      }
      if (waiting >= MAX_WAITING) throw new ParleyError('model_overloaded', 'too many questions wait for the model');
      // Whoever frees a place hands it on: it stays taken.
      await enter(tenant, options);
    },
    free() {
      const heir = next();
      if (heir) heir.go();
      else taken--;
    },
  };
}

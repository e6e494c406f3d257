import type { Logger } from 'pino';
import type { RedisClient } from '../bus/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import type { PoolState } from './state.ts';

/** Lets all processes know what one has seen. Nobody waits for it. */
export interface Sharing {
  keyChanged(model: string, fingerprint: string): void;
  endpointChanged(model: string, endpoint: string): void;
  close(): Promise<void>;
}

const KEY = 'parley:pool';
const REFRESH_MS = 1_000;
/** A time to the first token is news only so often. */
const TTL_MS = 24 * 3_600_000;

interface SharedKey {
  kind: 'key';
  model: string;
  name: string;
  coolUntil: number;
  suspectUntil: number;
  because: ErrorCode | undefined;
  at: number;
}
interface SharedEndpoint {
  kind: 'endpoint';
  model: string;
  name: string;
  openUntil: number;
  firstTokenMs: number | undefined;
  at: number;
}

export function shareState(redis: RedisClient, state: PoolState, logger: Logger): Sharing {
  const own = new Set<string>();
  let lastAt = 0;

  const write = (entry: SharedKey | SharedEndpoint) => {
    const text = JSON.stringify(entry);
    own.add(text);
    if (own.size > 1_000) own.clear();
    redis
      .multi()
      .hset(KEY, `${entry.kind}|${entry.model}|${entry.name}`, text)
      .pexpire(KEY, TTL_MS)
      .exec()
      .catch((error: Error) => logger.debug({ err: error }, 'what a model endpoint is like was not shared'));
  };

  function learn(entry: SharedKey | SharedEndpoint): void {
    if (entry.kind === 'key') {
      const key = state.keyOf(entry.model, entry.name);
      // The latest word counts, also when it is that the key is well again.
      const { coolUntil, suspectUntil, because } = entry;
      if (coolUntil !== key.coolUntil) Object.assign(key, { coolUntil, suspectUntil, because });
      return;
    }
    const endpoint = state.endpointOf(entry.model, entry.name);
    endpoint.breaker.learn(entry.openUntil);
    endpoint.firstTokenMs ??= entry.firstTokenMs;
  }

  async function refresh(): Promise<void> {
    const all = await redis.hgetall(KEY);
    let newest = lastAt;
    for (const text of Object.values(all)) {
      const entry = JSON.parse(text) as SharedKey | SharedEndpoint;
      newest = Math.max(newest, entry.at);
      // Clocks differ a little: what was written about the time of the last look is looked at again.
      if (entry.at >= lastAt - 2 * REFRESH_MS && !own.has(text)) learn(entry);
    }
    lastAt = newest;
  }

  const timer = setInterval(() => void refresh().catch(() => undefined), REFRESH_MS);
  timer.unref();

  return {
    keyChanged(model, name) {
      const { coolUntil, suspectUntil, because } = state.keyOf(model, name);
      write({ kind: 'key', model, name, coolUntil, suspectUntil, because, at: Date.now() });
    },
    endpointChanged(model, name) {
      const { breaker, firstTokenMs } = state.endpointOf(model, name);
      write({ kind: 'endpoint', model, name, openUntil: breaker.openUntil, firstTokenMs, at: Date.now() });
    },
    async close() {
      clearInterval(timer);
    },
  };
}

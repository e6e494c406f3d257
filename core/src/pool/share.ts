import type { Logger } from 'pino';
import type { RedisClient } from '../bus/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import type { PoolState } from './state.ts';

/** Lets all processes know what one has seen. Nobody waits for it. */
export interface Sharing {
  keyChanged(model: string, fingerprint: string): void;
  /** It opened or closed. */
  breakerChanged(model: string, endpoint: string): void;
  speedChanged(model: string, endpoint: string): void;
  close(): Promise<void>;
}

const KEY = 'parley:pool';
const REFRESH_MS = 1_000;
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
interface SharedBreaker {
  kind: 'breaker';
  model: string;
  name: string;
  /** 0: closed. */
  openUntil: number;
  at: number;
}
interface SharedSpeed {
  kind: 'speed';
  model: string;
  name: string;
  firstTokenMs: number | undefined;
  at: number;
}
/** One field of the hash each: what one process says of a speed must not undo what another says of the breaker. */
type Shared = SharedKey | SharedBreaker | SharedSpeed;

export function shareState(redis: RedisClient, state: PoolState, logger: Logger): Sharing {
  const own = new Set<string>();
  let lastAt = 0;

  const write = (entry: Shared) => {
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

  function learn(entry: Shared): void {
    if (entry.kind === 'key') {
      const key = state.keyOf(entry.model, entry.name);
      // The latest word counts, also when it is that the key is well again.
      const { coolUntil, suspectUntil, because } = entry;
      if (coolUntil !== key.coolUntil) Object.assign(key, { coolUntil, suspectUntil, because });
      return;
    }
    const endpoint = state.endpointOf(entry.model, entry.name);
    if (entry.kind === 'breaker') endpoint.breaker.learn(entry.openUntil);
    else endpoint.firstTokenMs ??= entry.firstTokenMs;
  }

  async function refresh(): Promise<void> {
    const all = await redis.hgetall(KEY);
    let newest = lastAt;
    for (const text of Object.values(all)) {
      const entry = JSON.parse(text) as Shared;
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
    breakerChanged(model, name) {
      const { openUntil } = state.endpointOf(model, name).breaker;
      write({ kind: 'breaker', model, name, openUntil, at: Date.now() });
    },
    speedChanged(model, name) {
      const { firstTokenMs } = state.endpointOf(model, name);
      write({ kind: 'speed', model, name, firstTokenMs, at: Date.now() });
    },
    async close() {
      clearInterval(timer);
    },
  };
}

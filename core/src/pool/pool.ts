import { hash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { RedisClient } from '../bus/index.ts';
import type { ModelConfig } from '../config/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import { fingerprintOf } from '../provider/fingerprint.ts';
import { endpointName } from './endpoint-name.ts';
import { createOwnPlaces, type Places } from './places.ts';
import { shareState } from './share.ts';
import { createShares, type ShareTimes } from './shares.ts';
import { BREAKING, coolKey, createPoolState } from './state.ts';
import type { Pick, PickOptions, Pool, Route, RouteLease, RouteResult } from './types.ts';

export interface PoolOptions {
  /** Absent: what this process sees is for itself. */
  redis?: RedisClient | undefined;
  logger: Logger;
  /** How places are divided among processes. */
  shares?: Partial<ShareTimes>;
  now?: () => number;
  random?: () => number;
}

/** Every so often a way is taken by chance: one that was slow yesterday may be the fastest today. */
const EXPLORE = 0.03;
/** A conversation leaves its key when that has so many more requests under way than the least busy one. */
const BUSY_MARGIN = 4;
const SMOOTHING = 0.2;
/** A change of the time to the first token that is worth telling others. */
const NEWS_SHARE = 0.25;

/** See the `Pool` interface. */
export function createPool({ redis, logger, shares, now = Date.now, random = Math.random }: PoolOptions): Pool {
  const state = createPoolState();
  const sharing = redis && shareState(redis, state, logger);
  const placesOf = redis ? createShares({ redis, owner: randomUUID(), ...shares }) : createOwnPlaces();

  /** Goes with the model's configuration: naming keys and endpoints is not for every question. */
  const known = new WeakMap<ModelConfig, Route[]>();

  function waysTo(model: ModelConfig): Route[] {
    const ways = known.get(model) ?? listWays(model);
    known.set(model, ways);
    return ways;
  }

  /** Each endpoint with each key. */
  function listWays(model: ModelConfig): Route[] {
    const endpoints = model.endpoints.length > 0 ? model.endpoints : [undefined];
    const keys = model.keys.length > 0 ? model.keys : [undefined];
    return endpoints.flatMap((endpoint) =>
      keys.map((apiKey, index) => ({
        baseUrl: endpoint?.base_url,
        apiKey,
        keyIndex: apiKey === undefined ? undefined : index,
        keyFingerprint: apiKey === undefined ? undefined : fingerprintOf(apiKey),
        name: endpoint && (endpoint.region ?? new URL(endpoint.base_url).host),
      })),
    );
  }

  const endpointOf = (model: ModelConfig, { baseUrl }: Route) => state.endpointOf(model.id, endpointName(baseUrl));
  const keyOf = (model: ModelConfig, { keyFingerprint }: Route) => state.keyOf(model.id, keyFingerprint ?? '');
  const isWell = (model: ModelConfig, route: Route) =>
    keyOf(model, route).coolUntil <= now() && endpointOf(model, route).breaker.state(now()) !== 'open';

  function choose(model: ModelConfig, ways: readonly Route[], affinity: string): Route {
    const urls = [...new Set(ways.map(({ baseUrl }) => baseUrl))];
    const speed = (url: string | undefined) => state.endpointOf(model.id, endpointName(url)).firstTokenMs ?? 0;
    const fastest = urls.reduce((best, url) => (speed(url) < speed(best) ? url : best));
    const url = random() < EXPLORE ? urls[Math.floor(random() * urls.length)] : fastest;
    const here = ways.filter(({ baseUrl }) => baseUrl === url);
    const busy = (route: Route) => keyOf(model, route).inFlight;
    const least = here.reduce((best, route) => (busy(route) < busy(best) ? route : best));
    // Rendezvous hashing: the same conversation finds the same key, also from another process.
    const own = here.length === 1 ? least : rendezvous(affinity, here);
    return busy(own) <= busy(least) + BUSY_MARGIN ? own : least;
  }

  function lease(model: ModelConfig, route: Route, places: Places): RouteLease {
    const [key, endpoint] = [keyOf(model, route), endpointOf(model, route)];
    endpoint.breaker.begin(now());
    key.inFlight++;
    endpoint.inFlight++;
    // One that is tried again after a long rest is tried by one question at a time.
    if (key.because === 'model_auth' || key.because === 'model_out_of_money') key.coolUntil = now() + 60_000;
    let over = false;
    return {
      route,
      done(result) {
        if (over) return;
        over = true;
        key.inFlight--;
        endpoint.inFlight--;
        places.free();
        note(model, route, result);
      },
    };
  }

  function note(model: ModelConfig, route: Route, result: RouteResult): void {
    const [key, endpoint] = [keyOf(model, route), endpointOf(model, route)];
    const wasOpen = endpoint.breaker.openUntil;
    const before = endpoint.firstTokenMs;
    if (result.status === 'success') {
      endpoint.breaker.succeeded(now());
      const { firstTokenMs } = result;
      endpoint.firstTokenMs = before === undefined ? firstTokenMs : before + SMOOTHING * (firstTokenMs - before);
      if (key.because !== undefined) {
        Object.assign(key, { coolUntil: 0, suspectUntil: 0, because: undefined, refusals: 0 });
        sharing?.keyChanged(model.id, route.keyFingerprint ?? '');
      }
    } else {
      const { code, retryAfterMs } = result.error;
      if (BREAKING.has(code)) endpoint.breaker.failed(now());
      else endpoint.breaker.ended();
      if (coolKey(key, code, retryAfterMs, now())) sharing?.keyChanged(model.id, route.keyFingerprint ?? '');
    }
    const slower = Math.abs((endpoint.firstTokenMs ?? 0) - (before ?? 0)) > NEWS_SHARE * (before ?? 0);
    if (wasOpen !== endpoint.breaker.openUntil) sharing?.breakerChanged(model.id, endpointName(route.baseUrl));
    if (slower) sharing?.speedChanged(model.id, endpointName(route.baseUrl));
  }

  /** Why there is no way, as the asker should know it. */
  function none(model: ModelConfig, ways: readonly Route[]): Pick {
    if (ways.length === 0) return { status: 'none', code: 'no_model_available', retryAfterMs: undefined };
    const states = ways.map((route) => ({ key: keyOf(model, route), endpoint: endpointOf(model, route) }));
    const wellAt = states.map(({ key, endpoint }) => Math.max(key.coolUntil, endpoint.breaker.openUntil));
    const soonest = wellAt.indexOf(Math.min(...wellAt));
    const code: ErrorCode = states[soonest]?.key.because ?? 'model_overloaded';
    return { status: 'none', code, retryAfterMs: Math.max(0, (wellAt[soonest] ?? 0) - now()) };
  }

  return {
    async pick(model, { tenant, regions, affinity, tried, badEndpoints, signal, deadlineAt }: PickOptions) {
      const allowed = waysTo(model).filter(({ baseUrl }) => isAllowed(model, baseUrl, regions));
      const isNew = (route: Route) =>
        !badEndpoints.has(route.baseUrl) &&
        !tried.some(({ baseUrl, keyIndex }) => baseUrl === route.baseUrl && keyIndex === route.keyIndex);
      const ways = allowed.filter((route) => isNew(route) && isWell(model, route));
      if (ways.length === 0) return none(model, allowed.filter(isNew).length > 0 ? allowed.filter(isNew) : allowed);
      const sound = ways.filter((route) => keyOf(model, route).suspectUntil <= now());
      const route = choose(model, sound.length > 0 ? sound : ways, affinity);
      const places = placesOf.placesAt(`${model.id}|${endpointName(route.baseUrl)}`, model.max_concurrency);
      await places.take(tenant, { signal, deadlineAt });
      return { status: 'route', lease: lease(model, route, places) };
    },

    health() {
      const { keys, endpoints } = state.entries();
      const split = (name: string) => [name.slice(0, name.indexOf('|')), name.slice(name.indexOf('|') + 1)] as const;
      return [
        ...endpoints.map(([name, { breaker, inFlight, firstTokenMs }]) => ({
          model: split(name)[0],
          endpoint: split(name)[1],
          keyFingerprint: undefined,
          breaker: breaker.state(now()),
          coolingUntil: undefined,
          coolingBecause: undefined,
          firstTokenMs,
          inFlight,
        })),
        ...keys.map(([name, { coolUntil, because, inFlight }]) => ({
          model: split(name)[0],
          endpoint: undefined,
          keyFingerprint: split(name)[1],
          breaker: 'closed' as const,
          coolingUntil: coolUntil > now() ? coolUntil : undefined,
          coolingBecause: because,
          firstTokenMs: undefined,
          inFlight,
        })),
      ];
    },

    async close() {
      await Promise.all([sharing?.close(), placesOf.close()]);
    },
  };
}

function isAllowed(model: ModelConfig, baseUrl: string | undefined, regions: readonly string[]): boolean {
  if (regions.length === 0) return true;
  // Where nobody says where it is, it may be anywhere.
  const region = model.endpoints.find(({ base_url }) => base_url === baseUrl)?.region;
  return region !== undefined && regions.includes(region);
}

function rendezvous(affinity: string, ways: readonly Route[]): Route {
  const scores = ways.map((route) => score(affinity, route));
  return ways[scores.indexOf(Math.max(...scores))] as Route;
}

function score(affinity: string, { keyFingerprint = '' }: Route): number {
  return hash('sha256', `${affinity}\0${keyFingerprint}`, 'buffer').readUInt32BE(0);
}

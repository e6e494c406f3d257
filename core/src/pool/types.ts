import type { ModelConfig } from '../config/index.ts';
import type { ErrorCode, ParleyError } from '../errors/index.ts';

/** One way to a model: an endpoint and a key. */
export interface Route {
  baseUrl: string | undefined;
  apiKey: string | undefined;
  /** Position of the key in the pool; undefined when the model has no keys. */
  keyIndex: number | undefined;
  /** First 12 hex digits of the key's SHA-256: names it in timelines, metrics and Redis without telling it. */
  keyFingerprint: string | undefined;
  /** The endpoint's name in logs and metrics: its region, else its host. A URL could hold secrets. */
  name: string | undefined;
}

export interface PickOptions {
  tenant: string;
  /** Regions the tenant allows; empty: all. */
  regions: readonly string[];
  /** Conversations stay on their key while it is healthy: prompt caches. */
  affinity: string;
  /** Ways that this answer has tried already, and endpoints it has given up. */
  tried: readonly Route[];
  badEndpoints: ReadonlySet<string | undefined>;
  signal: AbortSignal;
  /** Unix ms: after it nobody waits for a free place any more. */
  deadlineAt: number;
}

export type Pick =
  | { status: 'route'; lease: RouteLease }
  /** Every way is cooling, broken, forbidden or tried. `retryAfterMs`: when the first may be well again. */
  | { status: 'none'; code: ErrorCode; retryAfterMs: number | undefined };

/** A place at an endpoint. `done` must be called exactly once; it frees the place and tells the pool what happened. */
export interface RouteLease {
  route: Route;
  done(result: RouteResult): void;
}

export type RouteResult =
  | { status: 'success'; firstTokenMs: number }
  /** Also failures that say nothing about the route (the asker's own, or an abort): the pool knows which count. */
  | { status: 'failed'; error: ParleyError };

/**
 * The ways to all models, and how well each is. Cooling keys, open breakers and times to the first token are shared by all
 * processes through Redis, in the background: a pick costs no round trip, and while Redis is away each process knows what
 * it has seen itself. Places at an endpoint are divided among the processes (shares.ts); they too cost a pick nothing while
 * there is room.
 */
export interface Pool {
  pick(model: ModelConfig, options: PickOptions): Promise<Pick>;
  /** For the console, `doctor` and the metrics. */
  health(): RouteHealth[];
  close(): Promise<void>;
}

export interface RouteHealth {
  model: string;
  endpoint: string | undefined;
  keyFingerprint: string | undefined;
  breaker: 'closed' | 'open' | 'half_open';
  /** Unix ms; undefined: the key may be used. */
  coolingUntil: number | undefined;
  coolingBecause: ErrorCode | undefined;
  firstTokenMs: number | undefined;
  inFlight: number;
}

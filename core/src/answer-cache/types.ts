import type { Usage } from '../provider/types.ts';

/** Everything an answer depends on. Hashed; never stored as it is. */
export interface CacheKeyParts {
  tenant: string;
  model: string;
  system: string;
  question: string;
  temperature?: number | undefined;
  maxOutputTokens?: number | undefined;
  /** Any other parameters, canonically ordered by the cache itself. */
  parameters?: Record<string, unknown> | undefined;
}

export interface CachedAnswer {
  text: string;
  model: string;
  usage: Usage;
  finishReason: 'stop' | 'length';
}

export type CacheLookup =
  | { status: 'hit'; level: 'memory' | 'redis'; answer: CachedAnswer }
  /** This asker makes the answer: `put` or `abandon` must follow, whatever happens. */
  | { status: 'miss'; put(answer: CachedAnswer): Promise<void>; abandon(): void };

/**
 * Answers to repeated context-free questions: memory (LRU, bounded in bytes) over Redis (TTL). Per tenant, never across.
 * While Redis is away it is a cache in memory only; it never fails a question.
 */
export interface AnswerCache {
  /**
   * Single flight: while somebody makes the answer to the same key (in this process, or by a short lease in Redis in
   * another one), others wait for it, at most `waitMs`, and then make their own.
   */
  lookup(parts: CacheKeyParts, options: { ttlMs: number; waitMs: number; signal: AbortSignal }): Promise<CacheLookup>;
  /** Forgets all answers of a tenant in all processes. */
  purge(tenant: string): Promise<void>;
  /** Bytes in memory, for the metrics. */
  readonly bytes: number;
}

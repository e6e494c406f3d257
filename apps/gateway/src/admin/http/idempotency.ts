import { createHash } from 'node:crypto';
import type { RedisClient } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import type { Sealer } from '@parley/core/secrets';
import { z } from 'zod';

const KEPT_MS = 24 * 3_600_000;
/** How long a request may be under way before its key is free again. */
const PENDING_MS = 60_000;
const CONTEXT = 'admin/idempotency';

const storedSchema = z.object({ of: z.string(), status: z.number().optional(), body: z.string().optional() });

export interface Answered {
  status: number;
  /** JSON. */
  body: string;
}

/** Lets a creation that is sent twice with one `Idempotency-Key` happen once; the second gets the first one's answer. */
export interface Idempotency {
  /**
   * @returns the answer of the first request, or undefined: this is the first, and `keep` or `drop` must follow
   * @throws ParleyError `conflict` while the first is under way, or when the key belongs to another request
   */
  begin(actor: string, key: string, request: unknown): Promise<Answered | undefined>;
  keep(actor: string, key: string, request: unknown, answer: Answered): Promise<void>;
  drop(actor: string, key: string): Promise<void>;
}

/** Answers are sealed in Redis: some show a new key, once. */
export function createIdempotency(redis: RedisClient, sealer: Sealer): Idempotency {
  const nameOf = (actor: string, key: string) => `parley:{idempotency}:${hash([actor, key])}`;

  return {
    async begin(actor, key, request) {
      if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
        throw new ParleyError('invalid_request', 'Idempotency-Key: expected 1–255 visible ASCII characters');
      }
      const name = nameOf(actor, key);
      const mine = sealer.seal(JSON.stringify({ of: hash(request) }), CONTEXT);
      if ((await redis.set(name, mine, 'PX', PENDING_MS, 'NX')) === 'OK') return undefined;
      const found = await redis.get(name);
      if (found === null) throw new ParleyError('conflict', 'Idempotency-Key: try again');
      const { of, status, body } = storedSchema.parse(JSON.parse(sealer.open(found, CONTEXT)));
      if (of !== hash(request)) throw new ParleyError('conflict', 'Idempotency-Key: was used for another request');
      if (status === undefined || body === undefined) {
        throw new ParleyError('conflict', 'Idempotency-Key: the first request is still under way');
      }
      return { status, body };
    },
    async keep(actor, key, request, answer) {
      const value = sealer.seal(JSON.stringify({ of: hash(request), ...answer }), CONTEXT);
      await redis.set(nameOf(actor, key), value, 'PX', KEPT_MS);
    },
    drop: async (actor, key) => void (await redis.del(nameOf(actor, key))),
  };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

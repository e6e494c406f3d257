import { createHash } from 'node:crypto';
import type { RedisClient } from '../bus/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';
import type { MaskVault, VaultData, VaultStore } from './types.ts';

/** Values one conversation remembers; further ones are masked all the same, but nobody can restore them. */
const MAX_ENTRIES = 2_000;

export function createVault(data?: VaultData): MaskVault {
  const values = new Map(data?.entries);
  const placeholders = new Map(
    [...values].map(([placeholder, value]) => [`${kindOf(placeholder)}\0${value}`, placeholder]),
  );
  const counts = new Map<string, number>();
  for (const placeholder of values.keys()) counts.set(kindOf(placeholder), (counts.get(kindOf(placeholder)) ?? 0) + 1);
  let changed = false;

  return {
    placeholderFor(kind, value) {
      const key = `${kind}\0${value}`;
      const known = placeholders.get(key);
      if (known) return known;
      if (values.size >= MAX_ENTRIES) return `[${kind}]`;
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      const placeholder = `[${kind}_${number}]`;
      placeholders.set(key, placeholder);
      values.set(placeholder, value);
      changed = true;
      return placeholder;
    },
    valueOf: (placeholder) => values.get(placeholder),
    get changed() {
      return changed;
    },
    get isEmpty() {
      return values.size === 0;
    },
    toJSON: () => ({ v: 1, entries: [...values] }),
  };
}

const kindOf = (placeholder: string) => placeholder.replace(/^\[|_\d+\]$/g, '');

/** See `VaultStore`. Sealed under tenant and conversation: moved elsewhere it does not open. */
export function createVaultStore({ redis, sealer }: { redis: RedisClient; sealer: Sealer }): VaultStore {
  const place = (tenant: string, conversation: string) => ({
    key: `parley:vault:${createHash('sha256').update(`${tenant}\0${conversation}`).digest('base64url')}`,
    context: `vault/${tenant}/${conversation}`,
  });
  const unavailable = (cause: unknown) =>
    new ParleyError('unavailable', 'Redis cannot be reached for the placeholders', { cause, retryAfterMs: 2000 });

  return {
    async load(tenant, conversation) {
      const { key, context } = place(tenant, conversation);
      const sealed = await redis.get(key).catch((error) => Promise.reject(unavailable(error)));
      if (sealed === null) return createVault();
      try {
        return createVault(JSON.parse(sealer.open(sealed, context)) as VaultData);
      } catch {
        return createVault(); // sealed under an earlier master key
      }
    },
    async save(tenant, conversation, vault, ttlMs) {
      const { key, context } = place(tenant, conversation);
      const sealed = sealer.seal(JSON.stringify(vault), context);
      await redis.set(key, sealed, 'PX', Math.max(1, ttlMs)).catch((error) => Promise.reject(unavailable(error)));
    },
  };
}

import { expect, test } from 'vitest';
import { apiKeySchema } from '../config/index.ts';
import { createAuthenticator } from './authenticator.ts';
import { newApiKey } from './keys.ts';
import { createTokenIssuer, type SigningKey, type SigningKeyStore } from './tokens.ts';

const DAY_MS = 24 * 3_600_000;

/** A store in memory that counts what is asked of it. */
function memoryKeys() {
  let keys: SigningKey[] = [];
  let reads = 0;
  const store: SigningKeyStore = {
    list: async () => {
      reads++;
      return keys;
    },
    rotate: async (next, now) => {
      keys = [...keys.map((key) => ({ ...key, retiredAt: key.retiredAt ?? now })), next];
    },
    forget: async (before) => {
      keys = keys.filter(({ retiredAt }) => retiredAt === undefined || retiredAt >= before);
    },
  };
  return { store, reads: () => reads };
}

const request = { tenant: 'acme', keyId: 'web', scopes: ['chat' as const], ttlSeconds: 12 * 3_600 };

test('a new signing key takes over, the old one verifies until its last token has ended, and no longer', async () => {
  let now = Date.now();
  const { store } = memoryKeys();
  const tokens = createTokenIssuer(store, () => now);
  const { token } = await tokens.issue(request);
  now += 3_600_000;
  await tokens.rotate();
  const later = await tokens.issue(request);
  expect((await tokens.jwks()).keys).toHaveLength(2);
  expect(JSON.stringify(await tokens.jwks())).not.toContain('"d"');
  expect(await tokens.verify(token)).toMatchObject({ tenant: 'acme', keyId: 'web', scopes: ['chat'] });
  expect(await tokens.verify(later.token)).toMatchObject({ tenant: 'acme' });
  now += 2 * DAY_MS;
  expect((await tokens.jwks()).keys).toHaveLength(1);
  await expect(tokens.verify(later.token)).rejects.toMatchObject({ code: 'unauthorized' }); // ended
});

test('the signing key changes by itself after a month', async () => {
  let now = Date.now();
  const tokens = createTokenIssuer(memoryKeys().store, () => now);
  await tokens.issue(request);
  const before = (await tokens.jwks()).keys.map(({ kid }) => kid);
  now += 31 * DAY_MS;
  await tokens.issue(request);
  expect((await tokens.jwks()).keys.map(({ kid }) => kid)).not.toEqual(before);
});

test('forged tokens and random bearers do not become questions to the database', async () => {
  const { store, reads } = memoryKeys();
  const tokens = createTokenIssuer(store);
  await tokens.issue(request);
  let lookups = 0;
  const authenticate = createAuthenticator({
    configured: () => [],
    findStored: async () => {
      lookups++;
      return undefined;
    },
    tokens,
  });
  const before = reads();
  const forged = (i: number) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'EdDSA', kid: `k${i}` })}.${part({ tenant: 'acme' })}.AAAA`;
  };
  const tries = Array.from({ length: 40 }, (_, i) => [forged(i), `random-${i}`]).flat();
  for (const bearer of tries)
    await expect(authenticate(`Bearer ${bearer}`)).rejects.toMatchObject({ code: 'unauthorized' });
  expect(reads() - before).toBeLessThanOrEqual(2);
  expect(lookups).toBe(0);
});

test('a token ends with its key, never does more than it, and belongs to that tenant', async () => {
  const key = (tenant: string, over: object = {}) =>
    apiKeySchema.parse({
      id: tenant === 'acme' ? 'web' : 'other',
      tenant,
      key: `a.key.of.${tenant}.for.tests`,
      ...over,
    });
  let configured = [key('globex'), key('acme')];
  const tokens = createTokenIssuer(memoryKeys().store);
  const authenticate = createAuthenticator({ configured: () => configured, findStored: async () => undefined, tokens });
  const { token } = await tokens.issue({ ...request, scopes: ['chat', 'models', 'tokens'], subject: 'ann' });
  expect(await authenticate(`Bearer ${token}`)).toMatchObject({
    tenant: 'acme',
    scopes: ['chat', 'models'],
    subject: 'ann',
    via: 'jwt',
  });
  // A configured key may look like a token.
  expect(await authenticate('Bearer a.key.of.acme.for.tests')).toMatchObject({ tenant: 'acme', via: 'key' });
  configured = [key('globex'), key('acme', { scopes: ['chat'] })];
  expect(await authenticate(`Bearer ${token}`)).toMatchObject({ scopes: ['chat'] });
  configured = [key('globex'), key('acme', { expires_at: '2020-01-01T00:00:00Z' })];
  await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'unauthorized' });
  configured = [key('globex')];
  await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('a key that was made at run time is found by its hash, and gone when it is revoked', async () => {
  const made = newApiKey();
  const stored = {
    tenant: 'acme',
    id: 'k',
    prefix: made.prefix,
    hash: made.hash,
    scopes: ['chat' as const],
    limits: undefined,
    createdAt: 0,
    source: 'admin' as const,
  };
  const over = (revokedAt?: number) =>
    createAuthenticator({
      configured: () => [],
      findStored: async (by) => ('hash' in by && by.hash === made.hash ? { ...stored, revokedAt } : undefined),
      tokens: createTokenIssuer(memoryKeys().store),
    });
  expect(await over()(`Bearer ${made.key}`)).toMatchObject({ tenant: 'acme', keyId: 'k' });
  await expect(over(1)(`Bearer ${made.key}`)).rejects.toMatchObject({ code: 'unauthorized' });
});

import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { API_SCOPES, type ApiScope } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Caller } from './types.ts';

export interface SigningKey {
  kid: string;
  publicJwk: JWK;
  privateJwk: JWK;
  /** Unix ms. */
  createdAt: number;
  /** No new tokens after this; it verifies older ones until they have ended. */
  retiredAt?: number | undefined;
}

export interface SigningKeyStore {
  list(): Promise<SigningKey[]>;
  /** Adds a key and retires the others, all at once. Of two that do it at the same time the later one's key counts. */
  rotate(next: SigningKey, now: number): Promise<void>;
  /** Forgets keys that retired before that. */
  forget(retiredBefore: number): Promise<void>;
}

export interface TokenRequest {
  tenant: string;
  keyId: string;
  scopes: readonly ApiScope[];
  /** The end user it is for. */
  subject?: string | undefined;
  ttlSeconds: number;
}

/** The hub's own tokens: EdDSA-signed JWTs of at most a day, under keys that change by themselves. */
export interface TokenIssuer {
  issue(request: TokenRequest): Promise<{ token: string; expiresAt: number }>;
  /** What a token says, without looking whether its API key still exists. @throws ParleyError `unauthorized` */
  verify(token: string): Promise<Pick<Caller, 'tenant' | 'keyId' | 'scopes' | 'subject'>>;
  jwks(): Promise<{ keys: JWK[] }>;
  rotate(): Promise<void>;
}

export const MAX_TOKEN_SECONDS = 24 * 3_600;
const ISSUER = 'parley';
const AUDIENCE = 'parley-api';
const ROTATE_AFTER_MS = 30 * 24 * 3_600_000;
/** Longer than any token lives. */
const OVERLAP_MS = (MAX_TOKEN_SECONDS + 3_600) * 1000;
/** How long another process's new key may be unknown here. */
const CACHE_MS = 10_000;
/** How often an unknown key is asked for, at most. */
const UNKNOWN_KEY_MS = 1_000;

/** Loaded with the first token: no start should wait for its 46 files. */
const jose = () => import('jose');

export function createTokenIssuer(store: SigningKeyStore, now: () => number = Date.now): TokenIssuer {
  let cached: { keys: SigningKey[]; at: number } | undefined;
  let loading: Promise<SigningKey[]> | undefined;

  /** One at a time: forged tokens must not become so many questions to the database. */
  async function keys(maxAgeMs = CACHE_MS): Promise<SigningKey[]> {
    if (cached && now() - cached.at <= maxAgeMs) return cached.keys;
    loading ??= store.list().finally(() => {
      loading = undefined;
    });
    const all = await loading;
    // A key that retired long ago verifies nothing any more, whether or not it is forgotten already.
    const alive = all.filter(({ retiredAt }) => retiredAt === undefined || now() - retiredAt < OVERLAP_MS);
    cached = { keys: alive, at: now() };
    return alive;
  }

  async function rotate(): Promise<void> {
    const { exportJWK, generateKeyPair } = await jose();
    const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const kid = randomUUID();
    const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)]);
    await store.rotate({ kid, publicJwk, privateJwk, createdAt: now() }, now());
    await store.forget(now() - OVERLAP_MS);
    cached = undefined;
  }

  const present = (all: SigningKey[]) =>
    all.filter(({ retiredAt }) => retiredAt === undefined).sort((a, b) => b.createdAt - a.createdAt)[0];

  async function signingKey(): Promise<SigningKey> {
    const known = present(await keys());
    if (known && now() - known.createdAt < ROTATE_AFTER_MS) return known;
    await rotate();
    const made = present(await keys(0));
    if (!made) throw new ParleyError('internal', 'there is no signing key');
    return made;
  }

  async function publicKeyOf(kid: string | undefined) {
    const find = (all: SigningKey[]) => all.find((key) => key.kid === kid);
    const key = find(await keys()) ?? find(await keys(UNKNOWN_KEY_MS));
    if (!key) throw new ParleyError('unauthorized', 'the token was signed with an unknown key');
    const { importJWK } = await jose();
    return importJWK(key.publicJwk, 'EdDSA');
  }

  return {
    async issue({ tenant, keyId, scopes, subject, ttlSeconds }) {
      const [{ SignJWT, importJWK }, key] = await Promise.all([jose(), signingKey()]);
      const issuedAt = Math.floor(now() / 1000);
      const expiresAt = issuedAt + Math.min(ttlSeconds, MAX_TOKEN_SECONDS);
      const token = await new SignJWT({ tenant, key: keyId, scopes })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .setSubject(subject ?? '')
        .sign(await importJWK(key.privateJwk, 'EdDSA'));
      return { token, expiresAt: expiresAt * 1000 };
    },

    async verify(token) {
      const { jwtVerify } = await jose();
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => publicKeyOf(kid), {
          algorithms: ['EdDSA'],
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['exp', 'iat'],
          currentDate: new Date(now()),
        });
        const { tenant, key, scopes, sub } = payload;
        if (typeof tenant !== 'string' || typeof key !== 'string' || !Array.isArray(scopes)) throw new Error('claims');
        const known = API_SCOPES.filter((scope) => scopes.includes(scope));
        return { tenant, keyId: key, scopes: known, subject: sub || undefined };
      } catch (error) {
        if (error instanceof ParleyError && error.code !== 'unauthorized') throw error;
        throw new ParleyError('unauthorized', 'the token is not valid', { cause: error });
      }
    },

    jwks: async () => ({
      keys: (await keys()).map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'EdDSA', use: 'sig' })),
    }),
    rotate,
  };
}

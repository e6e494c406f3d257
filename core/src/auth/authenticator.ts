import { LRUCache } from 'lru-cache';
import type { ApiKeyConfig } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import { callerOf, hashOfKey, indexKeys, isStoredKey, ownerOf } from './keys.ts';
import type { TokenIssuer } from './tokens.ts';
import type { Caller, StoredApiKey } from './types.ts';

export interface AuthenticatorOptions {
  /** The keys of the present configuration. */
  configured: () => readonly ApiKeyConfig[];
  /** A key that was made at run time, by its hash, with its signing secret opened. */
  findStored: (
    by: { hash: string } | { tenant: string; id: string },
  ) => Promise<(StoredApiKey & { signingSecret?: string | undefined }) | undefined>;
  tokens: Pick<TokenIssuer, 'verify'>;
  now?: () => number;
}

/** Who a bearer is. @throws ParleyError `unauthorized`: with one message, whatever is wrong with it */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

/** How long a stored key may still be good after it was revoked. */
const STORED_CACHE_MS = 5_000;
const MAX_CACHED = 10_000;
const MAX_BEARER = 8_192;

export function createAuthenticator({
  configured,
  findStored,
  tokens,
  now = Date.now,
}: AuthenticatorOptions): Authenticate {
  const stored = new LRUCache<string, { caller: Caller | undefined }>({ max: MAX_CACHED, ttl: STORED_CACHE_MS });
  let index: { of: readonly ApiKeyConfig[]; find: ReturnType<typeof indexKeys> } | undefined;

  function inConfiguration() {
    const keys = configured();
    if (index?.of !== keys) index = { of: keys, find: indexKeys(keys) };
    return index.find;
  }

  async function fromStore(name: string, by: Parameters<typeof findStored>[0]): Promise<Caller | undefined> {
    const known = stored.get(name);
    if (known) return known.caller;
    const found = await findStored(by);
    const caller = found && callerOf(found, found.signingSecret, now());
    stored.set(name, { caller });
    return caller;
  }

  async function byToken(token: string): Promise<Caller | undefined> {
    const said = await tokens.verify(token);
    // A token ends with the key it was issued for.
    const key = configured().find(({ id, tenant }) => id === said.keyId && tenant === said.tenant);
    const owner = key
      ? ownerOf(key, now())
      : await fromStore(`${said.tenant}\0${said.keyId}`, { tenant: said.tenant, id: said.keyId });
    if (!owner) return undefined;
    const scopes = said.scopes.filter((scope) => owner.scopes.includes(scope) && scope !== 'tokens');
    return { ...owner, scopes, subject: said.subject, signingSecret: undefined, via: 'jwt' };
  }

  async function elsewhere(bearer: string): Promise<Caller | undefined> {
    if (isStoredKey(bearer)) return fromStore(hashOfKey(bearer), { hash: hashOfKey(bearer) });
    return bearer.split('.').length === 3 ? byToken(bearer).catch(onlyUnauthorized) : undefined;
  }

  return async (authorization) => {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (!bearer || bearer.length > MAX_BEARER) throw unauthorized();
    const caller = inConfiguration()(bearer, now()) ?? (await elsewhere(bearer));
    if (!caller) throw unauthorized();
    return caller;
  };
}

const unauthorized = () =>
  new ParleyError('unauthorized', 'A valid API key or token is needed: Authorization: Bearer KEY');

function onlyUnauthorized(error: unknown): undefined {
  if (error instanceof ParleyError && error.code === 'unauthorized') return undefined;
  throw error;
}

import type { ApiKeyConfig, ApiScope } from '../config/index.ts';

/** Who calls the chat API, once proven. */
export interface Caller {
  tenant: string;
  /** Id of the API key, also behind a JWT that was issued for it. */
  keyId: string;
  scopes: readonly ApiScope[];
  limits: ApiKeyConfig['limits'];
  /** Set when requests must be signed. */
  signingSecret?: string | undefined;
  /** A JWT's own subject: the end user it was issued for; part of the caller's sessions and user limits. */
  subject?: string | undefined;
  via: 'key' | 'jwt';
}

/** A stored key. The key itself is nowhere; `hash` is an HMAC of it. */
export interface StoredApiKey {
  tenant: string;
  id: string;
  /** First characters, for people to recognise it by. */
  prefix: string;
  hash: string;
  scopes: readonly ApiScope[];
  limits: ApiKeyConfig['limits'];
  /** Sealed signing secret. */
  sealedSigningSecret?: string | undefined;
  /** Unix ms. */
  createdAt: number;
  expiresAt?: number | undefined;
  lastUsedAt?: number | undefined;
  revokedAt?: number | undefined;
  source: 'file' | 'admin';
}

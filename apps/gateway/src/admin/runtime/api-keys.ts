import { randomBytes } from 'node:crypto';
import { KEY_PREFIX_LENGTH, newApiKey } from '@parley/core/auth';
import { API_SCOPES, type ApiKeyConfig, apiKeySchema } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { type ApiKeyRow, createApiKey, listApiKeys, revokeApiKey } from '@parley/core/store';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { listPlace, name, notFound, tenantIn, tenantsOf } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const keyShape = z.object({
  tenant: z.string(),
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('To recognise it by; empty for keys of the configuration'),
  scopes: z.array(z.string()),
  limits: z.record(z.string(), z.number()).nullable(),
  origin: z.enum(['file', 'environment', 'console']),
  created_at: z.string().nullable(),
  created_by: z.string().nullable(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});
const newKey = z.strictObject({
  tenant: name,
  name: z.string().trim().min(1).max(100),
  scopes: apiKeySchema.shape.scopes,
  limits: apiKeySchema.shape.limits,
  expires_at: apiKeySchema.shape.expires_at,
  signed: z.boolean().default(false).describe('Requests must be signed with the secret that comes with the answer'),
});

export function apiKeyRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, sealer, config, now = Date.now } = deps;
  const configured = (tenants: readonly string[]) => config().api_keys.filter(({ tenant }) => tenants.includes(tenant));

  return [
    route({
      method: 'GET',
      path: '/api-keys',
      action: 'api_key:read',
      scope: 'any',
      tag: 'API keys',
      summary: 'Keys of the chat API; those of the configuration come first',
      query: z.object({
        ...pageQuery,
        tenant: name.optional(),
        // No longer than what is kept: a whole key does not belong into a URL.
        prefix: z
          .string()
          .min(3)
          .max(KEY_PREFIX_LENGTH)
          .optional()
          .describe('How a key begins that was found somewhere'),
      }),
      response: pageOf(keyShape),
      handle: async (input) => {
        const { limit, cursor, tenant, prefix } = input.query;
        const tenants = tenantsOf(deps, input, tenant);
        const rows = await listApiKeys(store, tenants, {
          limit: limit + 1,
          after: decodeCursor(cursor, listPlace),
          prefix,
        });
        const page = toPage(rows, limit, ({ createdAt, id }) => ({ at: createdAt.getTime(), id }), showStored);
        const isFirst = cursor === undefined && prefix === undefined;
        const fixed = isFirst ? configured(tenants).map(showConfigured) : [];
        return { ...page, items: [...fixed, ...page.items] };
      },
    }),
    route({
      method: 'POST',
      path: '/api-keys',
      action: 'api_key:write',
      tenantOf: ({ body }) => tenantIn(body),
      tag: 'API keys',
      summary: 'Make a key; it is shown this once',
      status: 201,
      idempotent: true,
      body: newKey,
      response: keyShape.extend({ key: z.string(), signing_secret: z.string().optional() }),
      handle: async ({ body, actor, note }) => {
        const { tenant, name: shown, scopes, limits, expires_at: expires, signed } = body;
        if (!config().tenants.some(({ id }) => id === tenant)) throw notFound('tenant');
        const at = now();
        const expiresAt = expires === undefined ? undefined : new Date(expires);
        if (expiresAt && expiresAt.getTime() <= at) {
          const fields = [{ path: 'expires_at', message: 'expected a time to come' }];
          throw new ParleyError('invalid_request', 'expires_at: expected a time to come', { fields });
        }
        const { key, prefix, hash } = newApiKey();
        const signingSecret = signed ? randomBytes(32).toString('base64url') : undefined;
        const stored = await createApiKey(store, sealer, {
          ...{ tenant, prefix, hash, scopes, limits, signingSecret, expiresAt },
          id: idFor(shown),
          name: shown,
          createdBy: actor.username,
          createdAt: new Date(at),
        });
        note({ id: stored.id, name: shown, scopes, expires_at: expires, signed });
        return { ...showStored(stored), key, ...(signingSecret ? { signing_secret: signingSecret } : {}) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api-keys/:tenant/:id',
      action: 'api_key:write',
      tag: 'API keys',
      summary: 'Revoke a key; it is refused within seconds',
      status: 204,
      params: z.object({ tenant: name, id: name }),
      handle: async ({ params: { tenant, id }, note }) => {
        if (configured([tenant]).some((key) => key.id === id)) {
          throw new ParleyError('conflict', 'This key is in the configuration: take it out there');
        }
        if (!(await revokeApiKey(store, tenant, id, now()))) throw notFound('API key');
        note({ revoked: true });
      },
    }),
  ];
}

/** Readable, as it stands in logs and as the channel of its turns; the chance in it tells it from a configured one. */
function idFor(shown: string): string {
  const plain = shown.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const slug = plain.replace(/^-+|-+$/g, '').slice(0, 40) || 'key';
  return `${slug}-${randomBytes(5).toString('hex')}`;
}

function showStored(row: ApiKeyRow): z.input<typeof keyShape> {
  const { tenant, id, name: shown, prefix, scopes, limits, createdAt, createdBy } = row;
  return {
    ...{ tenant, id, name: shown, prefix, scopes, limits },
    origin: 'console',
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}

function showConfigured({ tenant, id, scopes, limits, expires_at }: ApiKeyConfig): z.input<typeof keyShape> {
  const given = Object.entries(limits ?? {}).flatMap(([window, most]) => (most === undefined ? [] : [[window, most]]));
  return {
    ...{ tenant, id, name: id, scopes: [...(scopes ?? API_SCOPES)] },
    prefix: '',
    limits: limits ? Object.fromEntries(given) : null,
    origin: 'file',
    created_at: null,
    created_by: null,
    expires_at: expires_at ?? null,
    last_used_at: null,
    revoked_at: null,
  };
}

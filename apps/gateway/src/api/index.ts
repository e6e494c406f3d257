import cors from '@fastify/cors';
import type { TenantConfig } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { FastifyInstance } from 'fastify';
import { callerOf, keepRawBodies, requireCaller } from './access.ts';
import { registerChat } from './chat.ts';
import { registerCompletions } from './completions.ts';
import { unknownModel } from './question.ts';
import { parse, tokenSchema } from './schemas.ts';
import { spanOf, traceRequests } from './trace.ts';
import type { ChatApiDeps } from './types.ts';

export type { ChatApiDeps } from './types.ts';

const EXPOSED = [
  'x-request-id',
  'x-parley-model',
  'x-parley-attempts',
  'x-parley-cache',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'retry-after',
];

/** The HTTP API for callers with a key: chat, models, quota, tokens. */
export function registerChatApi(server: FastifyInstance, deps: ChatApiDeps): void {
  server.register(async (scope) => {
    await scope.register(cors, {
      origin: (origin, allow) => allow(null, isAllowed(origin, deps.config().api.cors_origins)),
      methods: ['GET', 'POST'],
      exposedHeaders: EXPOSED,
      maxAge: 600,
    });
    scope.get('/.well-known/jwks.json', () => deps.tokens.jwks());
    scope.register(async (inner) => {
      keepRawBodies(inner);
      measureRequests(inner, deps);
      requireCaller(inner, deps);
      if (deps.tracing) traceRequests(inner, deps.tracing);
      registerCompletions(inner, deps);
      registerChat(inner, deps);
      registerLists(inner, deps);
      registerTokens(inner, deps);
    });
  });
}

/** Refused callers count as well. */
function measureRequests(scope: FastifyInstance, { metrics }: ChatApiDeps): void {
  scope.addHook('onResponse', (request, reply, done) => {
    const { url: route = '' } = request.routeOptions;
    const span = spanOf(request);
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    metrics.apiSeconds.observe({ route, status }, reply.elapsedTime / 1000, span?.isSampled ? span.traceId : undefined);
    done();
  });
}

function isAllowed(origin: string | undefined, allowed: readonly string[]): boolean {
  // Without an origin it is no browser, and needs no leave.
  return origin !== undefined && (allowed.includes('*') || allowed.includes(origin));
}

function registerLists(scope: FastifyInstance, deps: ChatApiDeps): void {
  function modelsOf(tenant: TenantConfig) {
    const known = new Set(deps.config().models.map(({ id }) => id));
    const ids = tenant.models.length > 0 ? tenant.models.filter((id) => known.has(id)) : [...known].slice(0, 1);
    return ids.map((id) => ({ id, object: 'model', created: 0, owned_by: tenant.id }));
  }

  scope.get('/v1/models', async (request) => {
    const { tenant } = callerOf(request, 'models');
    return { object: 'list', data: modelsOf(tenant) };
  });

  scope.get<{ Params: { model: string } }>('/v1/models/:model', async (request) => {
    const { tenant } = callerOf(request, 'models');
    const { model } = request.params;
    const found = modelsOf(tenant).find(({ id }) => id === model);
    if (!found) throw unknownModel(model);
    return found;
  });

  scope.get('/v1/quota', async (request) => {
    const { caller, tenant } = callerOf(request, 'quota');
    const user = deps.pseudonym(tenant.id, 'api', `${caller.keyId}/${caller.subject ?? ''}`);
    const apiKey = { id: caller.keyId, limits: caller.limits };
    const limits = await deps.limitsOf({ tenant, platform: 'api', user, apiKey });
    return {
      limits: limits.map(({ level, name, window, unit, limit, used, remaining, resetAt }) => ({
        level,
        ...(name === undefined ? {} : { name }),
        window,
        unit: unit === 'micro_usd' ? 'usd' : unit,
        limit: unit === 'micro_usd' ? limit / 1_000_000 : limit,
        used: unit === 'micro_usd' ? used / 1_000_000 : used,
        remaining: unit === 'micro_usd' ? remaining / 1_000_000 : remaining,
        reset_at: new Date(resetAt).toISOString(),
      })),
    };
  });
}

function registerTokens(scope: FastifyInstance, { tokens }: ChatApiDeps): void {
  scope.post('/v1/tokens', async (request, reply) => {
    const { caller } = callerOf(request, 'tokens');
    if (caller.via === 'jwt') throw new ParleyError('forbidden', 'A token cannot issue tokens');
    const { ttl_seconds: ttlSeconds, subject, scopes } = parse(tokenSchema, request.body ?? {});
    const own = caller.scopes.filter((scope) => scope !== 'tokens');
    const beyond = scopes?.filter((scope) => !own.includes(scope)) ?? [];
    if (beyond.length > 0) throw new ParleyError('forbidden', `scopes: this key lacks ${beyond.join(', ')}`);
    const issued = await tokens.issue({
      tenant: caller.tenant,
      keyId: caller.keyId,
      scopes: scopes ?? own,
      subject,
      ttlSeconds,
    });
    return reply.code(201).send({ token: issued.token, expires_at: new Date(issued.expiresAt).toISOString() });
  });
}

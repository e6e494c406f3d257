import type { AuditEntry } from '@parley/core/audit';
import { ParleyError } from '@parley/core/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { decide, forbidden, idOf, mayAnywhere, resourceOf } from './access.ts';
import { assertMatch, tagOf } from './conditions.ts';
import type { Idempotency } from './idempotency.ts';
import type { Actor, AdminRoute, RouteContext, RouteInput } from './route.ts';

export const ADMIN_PREFIX = '/api/admin';

export interface ServeDeps {
  /** Who sent the request. @throws ParleyError `unauthorized`, or `forbidden` without the CSRF token */
  authenticate: (request: FastifyRequest) => Promise<Actor>;
  idempotency: Idempotency;
  /** Ids of all tenants. */
  tenants: () => readonly string[];
  audit: (entries: readonly AuditEntry[]) => Promise<void>;
  logger: Logger;
}

/** Nobody: for the endpoints that everybody may use. */
const NOBODY: Actor = { id: '', username: '', name: '', via: 'session', principals: [], policies: [] };

/** Puts endpoints behind authentication, access control, validation, idempotency and the audit log. */
export function serveRoutes(server: FastifyInstance, routes: readonly AdminRoute[], deps: ServeDeps): void {
  for (const route of routes) {
    server.route({
      method: route.method,
      url: `${ADMIN_PREFIX}${route.path}`,
      handler: (request, reply) => serve(route, request, reply, deps),
    });
  }
}

async function serve(route: AdminRoute, request: FastifyRequest, reply: FastifyReply, deps: ServeDeps) {
  reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  const actor = route.action === 'open' ? NOBODY : await deps.authenticate(request);
  const params = check(route.params, request.params, 'path');
  const query = check(route.query, request.query, 'query');
  const tenant = tenantOf(route, params, query, request.body);
  await assertAllowed(route, actor, tenant, params, deps);
  const body = check(route.body, request.body ?? undefined, 'body');
  const notes: Record<string, unknown>[] = [];
  const input = { ...contextOf(route, actor, request, reply, notes, deps), params, query, body };
  const work = () =>
    answerOf(route, input, reply, () => record(route, actor, tenant, params, notes, deps)).catch(async (error) => {
      // What only the handler could see: an account that may more than the caller, a policy that gives too much.
      if (isDenial(route, error)) await recordDenial(route, actor, tenant, params, deps);
      throw error;
    });
  const key = route.idempotent ? header(request, 'idempotency-key') : undefined;
  return key === undefined ? work() : once(deps.idempotency, actor, key, [route.path, params, body], reply, work);
}

async function answerOf(
  route: AdminRoute,
  input: RouteInput<unknown, unknown, unknown>,
  reply: FastifyReply,
  recordIt: () => Promise<void>,
): Promise<unknown> {
  const result = await route.handle(input as RouteInput<never, never, never>);
  if (route.method !== 'GET' && !route.quiet) await recordIt();
  if (result === reply || reply.sent || reply.raw.headersSent) return reply;
  reply.code(route.status ?? (result === undefined ? 204 : 200));
  // What the schema does not name does not leave: a secret that slipped into a row stays inside.
  return route.response ? z.parse(route.response, result) : result;
}

function tenantOf(route: AdminRoute, params: unknown, query: unknown, body: unknown): string | undefined {
  if (route.tenantOf) return route.tenantOf({ params, query, body });
  for (const source of [params, query]) {
    const named: unknown = Reflect.get(Object(source), 'tenant');
    if (typeof named === 'string') return named;
  }
  return undefined;
}

async function assertAllowed(
  route: AdminRoute,
  actor: Actor,
  tenant: string | undefined,
  params: unknown,
  deps: ServeDeps,
) {
  const { action, method } = route;
  if (action === 'open' || action === 'self') return;
  const id = idOf(route, params);
  const allowed =
    tenant === undefined && route.scope === 'any'
      ? mayAnywhere(actor, method, action, deps.tenants())
      : decide(actor, method, action, tenant ?? '*', id).allowed;
  if (allowed) return;
  await recordDenial(route, actor, tenant, params, deps);
  throw forbidden(action);
}

const isDenial = ({ action }: AdminRoute, error: unknown) =>
  action !== 'open' && action !== 'self' && error instanceof ParleyError && error.code === 'forbidden';

async function recordDenial(
  route: AdminRoute,
  actor: Actor,
  tenant: string | undefined,
  params: unknown,
  deps: ServeDeps,
): Promise<void> {
  const { action, method } = route;
  const where = tenant !== undefined && deps.tenants().includes(tenant) ? tenant : '*';
  const resource = resourceOf(tenant ?? '*', action, idOf(route, params));
  const entry = entryOf(actor, where, `${action}.denied`, resource, { method });
  await deps.audit([entry]).catch((error) => deps.logger.error({ err: error }, 'a denial was not recorded'));
}

async function record(
  { action }: AdminRoute,
  actor: Actor,
  tenant: string | undefined,
  params: unknown,
  notes: Record<string, unknown>[],
  deps: ServeDeps,
): Promise<void> {
  const where = tenant !== undefined && deps.tenants().includes(tenant) ? tenant : '*';
  const [kind] = action.split(':');
  const id = String(Reflect.get(Object(params), kind ?? '') ?? Reflect.get(Object(params), 'id') ?? '-');
  await deps.audit([entryOf(actor, where, action, resourceOf(tenant ?? '*', action, id), Object.assign({}, ...notes))]);
}

function entryOf(
  actor: Actor,
  tenant: string,
  action: string,
  target: string,
  detail: Record<string, unknown>,
): AuditEntry {
  const by = actor.username === '' ? 'nobody' : `${actor.username}${actor.via === 'token' ? ' (token)' : ''}`;
  return { tenant, at: Date.now(), actor: by, action, target, detail };
}

function contextOf(
  { action, method, conditional }: AdminRoute,
  actor: Actor,
  request: FastifyRequest,
  reply: FastifyReply,
  notes: Record<string, unknown>[],
  { authenticate }: ServeDeps,
): RouteContext {
  let present = actor;
  const may = (tenant: string, other = action as string, id?: string) =>
    decide(present, method, other, tenant, id).allowed;
  return {
    actor,
    request,
    reply,
    may,
    require(tenant, other, id) {
      if (!may(tenant, other, id)) throw forbidden(other ?? action);
    },
    async renew() {
      if (action !== 'open') present = await authenticate(request);
    },
    tag: (state) => void reply.header('etag', tagOf(state)),
    assertUnchanged(state) {
      if (conditional) assertMatch(header(request, 'if-match'), state);
    },
    note: (detail) => void notes.push(detail),
  };
}

async function once(
  idempotency: Idempotency,
  actor: Actor,
  key: string,
  asked: unknown,
  reply: FastifyReply,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const earlier = await idempotency.begin(actor.id, key, asked);
  if (earlier) {
    reply.header('idempotency-replayed', 'true');
    return reply.code(earlier.status).type('application/json; charset=utf-8').send(earlier.body);
  }
  try {
    const result = await work();
    await idempotency.keep(actor.id, key, asked, { status: reply.statusCode, body: JSON.stringify(result ?? null) });
    return result;
  } catch (error) {
    await idempotency.drop(actor.id, key).catch(() => undefined);
    throw error;
  }
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** @throws ParleyError `invalid_request` that names every field that is wrong */
function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, 100).map(({ path, message }) => ({
    path: path.map(String).join('.') || where,
    message: message.replace(/^Invalid (input|option): /, ''),
  }));
  const said = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ParleyError('invalid_request', said, { fields });
}

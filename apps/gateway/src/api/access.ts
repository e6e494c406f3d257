import { type Caller, verifySignature } from '@parley/core/auth';
import type { ApiScope, TenantConfig } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createIpLimit } from './ip-limit.ts';
import type { ChatApiDeps } from './types.ts';

interface Access {
  caller: Caller;
  tenant: TenantConfig;
}

const ACCESS = Symbol('access');
const TOUCH_EVERY_MS = 60_000;
const MAX_TOUCHED = 10_000;

/** Nobody gets past this without a key; those without one are counted by their address. */
export function requireCaller(scope: FastifyInstance, deps: ChatApiDeps): void {
  const ipLimit = createIpLimit(deps);
  const touched = new Map<string, number>();

  function touch({ tenant, keyId }: Caller): void {
    const name = `${tenant}\0${keyId}`;
    const now = Date.now();
    if (now - (touched.get(name) ?? 0) < TOUCH_EVERY_MS) return;
    if (touched.size >= MAX_TOUCHED) touched.clear();
    touched.set(name, now);
    deps.touch(tenant, keyId);
  }

  async function counted<T>(ip: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'unauthorized') await ipLimit.count(ip);
      throw error;
    }
  }

  // Before the body is read: a stranger's is not even parsed.
  scope.addHook('onRequest', async (request) => {
    const access = await counted(request.ip, async (): Promise<Access> => {
      const caller = await deps.authenticate(request.headers.authorization);
      const tenant = deps.config().tenants.find(({ id }) => id === caller.tenant);
      if (tenant) return { caller, tenant };
      throw new ParleyError('unauthorized', 'A valid API key or token is needed: Authorization: Bearer KEY');
    });
    Reflect.set(request, ACCESS, access);
  });

  scope.addHook('preHandler', (request, _reply, done) => {
    const { caller } = Reflect.get(request, ACCESS) as Access;
    const known = () => {
      touch(caller);
      done();
    };
    // Nearly no key signs: a promise for every request would be for nothing.
    if (caller.signingSecret === undefined) known();
    else counted(request.ip, () => checkSignature(request, caller, deps)).then(known, done);
  });
}

/** Who calls. @throws ParleyError `forbidden` when the key may not do this */
export function callerOf(request: FastifyRequest, scope: ApiScope): Access {
  const access = Reflect.get(request, ACCESS) as Access;
  if (access.caller.scopes.includes(scope)) return access;
  throw new ParleyError('forbidden', `This key lacks the scope ${scope}`);
}

async function checkSignature(
  { headers, body }: FastifyRequest,
  caller: Caller,
  { redis }: ChatApiDeps,
): Promise<void> {
  if (caller.signingSecret === undefined) return;
  const header = (name: string) => (Array.isArray(headers[name]) ? headers[name][0] : headers[name]);
  const rawBody = rawBodyOf(body) ?? Buffer.alloc(0);
  const claim = async (signature: string, ttlMs: number) => {
    const key = `parley:signature:${caller.tenant}:${signature}`;
    const set = redis.set(key, '1', 'PX', ttlMs, 'NX');
    return set.then(
      (done) => done === 'OK',
      (cause: unknown) => {
        throw new ParleyError('unavailable', 'Redis cannot be reached to refuse replays', {
          cause,
          retryAfterMs: 2000,
        });
      },
    );
  };
  const request = { timestamp: header('x-parley-timestamp'), signature: header('x-parley-signature'), rawBody };
  await verifySignature(request, caller.signingSecret, claim, Date.now());
}

const RAW = Symbol('raw body');

/** JSON whose exact bytes are kept for signatures. */
export function keepRawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, raw, done) => {
    try {
      const body: unknown = JSON.parse(raw.toString() || 'null');
      if (body !== null && typeof body === 'object') Reflect.set(body, RAW, raw);
      done(null, body);
    } catch {
      done(new ParleyError('invalid_request', 'body: expected JSON'));
    }
  });
}

function rawBodyOf(body: unknown): Buffer | undefined {
  return body !== null && typeof body === 'object' ? (Reflect.get(body, RAW) as Buffer | undefined) : undefined;
}

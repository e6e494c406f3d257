import { ParleyError } from '@parley/core/errors';
import { createLogger } from '@parley/core/telemetry';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test, vi } from 'vitest';
import { createServer } from '../../server.ts';
import type { Actor } from '../http/route.ts';
import { serveRoutes } from '../http/serve.ts';
import { sandboxRoutes } from './routes.ts';
import type { SandboxStatus } from './schemas.ts';
import type { Sandbox } from './types.ts';

const logger = createLogger('silent');
const servers: FastifyInstance[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

const STATUS: SandboxStatus = { state: 'on', tenant: 'acme', channels: [], error: null };
const CHAT = '/api/admin/sandbox/slack/chats/direct/messages';

function aSandbox(): Sandbox {
  return {
    status: () => STATUS,
    tenant: () => 'acme',
    start: vi.fn(),
    stop: vi.fn(async () => undefined),
    view: vi.fn(async () => ({ items: [], typing: true })),
    say: vi.fn(async () => ({ id: 'm1' })),
  };
}

/** The routes as they are served, for somebody who may do `actions` in the tenant acme. */
function serve(sandbox: Sandbox | undefined, actions = ['sandbox:use']) {
  const policy = { id: 'p', tenant: 'acme', name: 'p', effect: 'allow' as const, principals: ['user:u'] };
  const actor: Actor = {
    id: 'u',
    username: 'olga',
    name: 'Olga',
    via: 'session',
    principals: ['user:u'],
    policies: [{ ...policy, actions, resources: ['tenant/acme/*'] }],
  };
  const audit = vi.fn(async () => undefined);
  const server = createServer(logger);
  serveRoutes(server, sandboxRoutes({ sandbox }), {
    authenticate: async () => actor,
    idempotency: { begin: async () => undefined, keep: async () => undefined, drop: async () => undefined },
    tenants: () => ['acme'],
    audit,
    logger,
  });
  servers.push(server);
  return { server, audit };
}

test('tells, starts and stops; starting and stopping are recorded', async () => {
  const sandbox = aSandbox();
  const { server, audit } = serve(sandbox);
  expect((await server.inject('/api/admin/sandbox')).json()).toEqual(STATUS);
  expect((await server.inject({ method: 'POST', url: '/api/admin/sandbox/start' })).statusCode).toBe(202);
  expect((await server.inject({ method: 'POST', url: '/api/admin/sandbox/stop' })).statusCode).toBe(200);
  expect(sandbox.start).toHaveBeenCalledOnce();
  expect(sandbox.stop).toHaveBeenCalledOnce();
  expect(audit).toHaveBeenCalledTimes(2);
});

test('shows a chat and lets a person speak, which is no administrative act', async () => {
  const sandbox = aSandbox();
  const { server, audit } = serve(sandbox);
  expect((await server.inject(CHAT)).json()).toEqual({ items: [], typing: true });
  const said = await server.inject({ method: 'POST', url: CHAT, payload: { person: 'alice', text: ' hi ' } });
  expect([said.statusCode, said.json()]).toEqual([202, { id: 'm1' }]);
  expect(sandbox.say).toHaveBeenCalledWith('slack', 'direct', { person: 'alice', text: 'hi' });
  expect(audit).not.toHaveBeenCalled();
});

test('names what is wrong with a request', async () => {
  const sandbox = aSandbox();
  const { server } = serve(sandbox);
  const empty = await server.inject({ method: 'POST', url: CHAT, payload: { person: 'alice', text: ' ' } });
  expect(empty.statusCode).toBe(400);
  expect(empty.json().error.fields).toMatchObject([{ path: 'text' }]);
  const fields = [{ path: 'person', message: 'is not in the chat direct' }];
  vi.mocked(sandbox.say).mockRejectedValue(new ParleyError('invalid_request', 'person: …', { fields }));
  const stranger = await server.inject({ method: 'POST', url: CHAT, payload: { person: 'eve', text: 'hi' } });
  expect([stranger.statusCode, stranger.json().error.fields]).toEqual([400, fields]);
  expect((await server.inject('/api/admin/sandbox/irc/chats/direct/messages')).statusCode).toBe(400);
});

test('whoever may not use it learns nothing, and the attempt is recorded', async () => {
  const sandbox = aSandbox();
  const { server, audit } = serve(sandbox, ['channel:read']);
  for (const [method, url] of [
    ['GET', '/api/admin/sandbox'],
    ['POST', '/api/admin/sandbox/start'],
    ['POST', '/api/admin/sandbox/stop'],
    ['GET', CHAT],
    ['POST', CHAT],
  ] as const) {
    expect((await server.inject({ method, url, payload: {} })).statusCode).toBe(403);
  }
  expect(sandbox.start).not.toHaveBeenCalled();
  expect(audit).toHaveBeenCalledTimes(5);
});

test('where there is no sandbox everything is unknown', async () => {
  const { server } = serve(undefined);
  expect((await server.inject('/api/admin/sandbox')).statusCode).toBe(404);
  expect((await server.inject({ method: 'POST', url: '/api/admin/sandbox/start' })).statusCode).toBe(404);
  expect((await server.inject(CHAT)).statusCode).toBe(404);
});

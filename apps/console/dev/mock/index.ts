import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { configRoutes } from './config-routes.ts';
import { createState, type MockState } from './data.ts';
import { identityRoutes } from './identity-routes.ts';
import { type Refusal, type Route, refuse } from './route.ts';
import { runtimeRoutes } from './runtime-routes.ts';
import { sandboxRoutes } from './sandbox-routes.ts';

export interface MockOptions {
  /** Whether somebody is signed in from the start. */
  signedIn?: boolean;
  /** Who is signed in. */
  role?: 'owner' | 'viewer';
  /** A hub nobody has set up yet. */
  empty?: boolean;
}

export type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The admin API in memory, with made-up data: enough to see and to test every page without a hub. */
export function createMockApi(options: MockOptions = {}): Handle {
  const state = createState(options);
  const routes = { ...identityRoutes(), ...configRoutes(), ...runtimeRoutes(), ...sandboxRoutes() };
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://mock');
    const path = url.pathname.replace(/^\/api\/admin/, '');
    try {
      await answer(state, routes, request, response, path, url.searchParams);
    } catch (error) {
      const refusal = isRefusal(error) ? error : refuse(500, 'internal', String(error));
      send(response, refusal.status, { error: { ...refusal.error, request_id: 'mock-request' } });
    }
  };
}

const isRefusal = (error: unknown): error is Refusal => typeof Reflect.get(Object(error), 'status') === 'number';

async function answer(
  state: MockState,
  routes: Record<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  search: URLSearchParams,
) {
  const method = request.method ?? 'GET';
  for (const [pattern, route] of Object.entries(routes)) {
    const [verb, template = ''] = pattern.split(' ');
    const params = verb === method ? match(template, path) : undefined;
    if (!params) continue;
    if (!state.signedIn && !path.startsWith('/auth/')) throw refuse(401, 'unauthorized', 'Sign in first');
    const text = await bodyOf(request);
    const body = text === '' ? undefined : JSON.parse(text);
    const result = await route({ state, params, query: Object.fromEntries(search), body, request, response });
    if (response.headersSent) return;
    if (result === undefined) return void response.writeHead(204).end();
    const etag = `"${createHash('sha256').update(JSON.stringify(result)).digest('base64url').slice(0, 16)}"`;
    if (method === 'GET') response.setHeader('etag', etag);
    return send(response, method === 'POST' && template.split('/').length === 2 ? 201 : 200, result);
  }
  throw refuse(404, 'not_found', 'Not found');
}

function match(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = decodeURIComponent(given[index] ?? '');
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

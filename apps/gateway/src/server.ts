import { newRequestId } from '@parley/core/message';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { errorBody, toHttpRefusal } from './http-errors.ts';

/** No body the hub takes is larger. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/** What has arrived is answered sooner. */
const LAST_REQUESTS_MS = 5_000;

export interface ServerOptions {
  /** Proxies whose `X-Forwarded-For` is believed; by default nobody's, because anybody can write one. */
  trustedProxies?: string[];
}

/** The HTTP server every role listens with; routes are registered by the caller. */
export function createServer(logger: Logger, { trustedProxies = [] }: ServerOptions = {}): FastifyInstance {
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustedProxies.length > 0 ? trustedProxies : false,
    genReqId: ({ headers }) => nameGiven(headers['x-request-id']) ?? newRequestId(),
    // One connection per platform call is the rule; those that stay open must not hold up a shutdown.
    forceCloseConnections: 'idle',
    // A drain refuses nothing that reached this process: what it needs is closed after the last request.
    return503OnClosing: false,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    // As long as Node lets a request line be: a channel id of any length is an unknown channel (404), not a 414.
    routerOptions: { maxParamLength: 16 * 1024 },
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  });
  // Hooks of every request call back: one that is async costs several promises.
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, body, headers } = asAnswer(error, request.id);
    // Being unavailable (503) is no surprise; what it is about is logged where it is noticed, and not once a request.
    if (status === 500)
      logger.error({ request_id: request.id, path: request.routeOptions.url, err: error }, 'request failed');
    return reply.code(status).headers(headers).send(body);
  });
  // The same bytes for everybody: a stranger learns nothing from it.
  server.setNotFoundHandler((_request, reply) => reply.code(404).send(errorBody('not_found', 'Not found')));
  return server;
}

/** Routes check by zod what they take; fastify's own compilers, which nobody uses, would be loaded at every start. */
function noSchemas(): never {
  throw new Error('a route has a schema for fastify, whose compilers are not loaded');
}

/** A caller's own name for its request: said back and logged, and used for nothing else, as two may have the same. */
function nameGiven(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : undefined;
}

/**
 * Stops listening and waits for the requests under way, but not for long: Node watches over slow requests only while it
 * listens, so one that never arrives whole would keep the process for ever.
 */
export async function closeServer(server: FastifyInstance, deadlineMs: number): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), Math.min(deadlineMs, LAST_REQUESTS_MS));
  await server.close().finally(() => clearTimeout(cut));
}

function asAnswer(error: FastifyError, requestId: string) {
  const { status, code, message, retryAfterMs, fields } = toHttpRefusal(error);
  const given: unknown = Reflect.get(error, 'headers');
  // What a refusal of the chat API tells beside its status.
  const headers: Record<string, string> = { ...(typeof given === 'object' ? given : {}) };
  if (status === 503 || status === 429) headers['retry-after'] = String(Math.ceil((retryAfterMs ?? 1000) / 1000));
  // What went wrong inside is for the log; outside only refusals explain themselves.
  const told = status >= 500 && code !== 'no_model_available' ? 'The hub cannot take this right now' : message;
  return { status, headers, body: errorBody(code, told, requestId, fields) };
}

import { toParleyError } from '@parley/core/errors';
import { newRequestId } from '@parley/core/message';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { errorBody, statusOf } from './http-errors.ts';

/** No body the hub takes is larger. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/** The HTTP server every role listens with; routes are registered by the caller. */
export function createServer(logger: Logger): FastifyInstance {
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: () => newRequestId(),
    // One connection per platform call is the rule; those that stay open must not hold up a shutdown.
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 100 },
  });
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, body, headers } = asAnswer(error, request.id);
    if (status >= 500)
      logger.error({ request_id: request.id, path: request.routeOptions.url, err: error }, 'request failed');
    return reply.code(status).headers(headers).send(body);
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send(errorBody('not_found', 'Not found')));
  return server;
}

/** A thrown value as HTTP: our own errors by their code, fastify's own (body too large, bad URL) by their status. */
function asAnswer(error: FastifyError, requestId: string) {
  if (typeof error.statusCode === 'number' && error.statusCode < 500 && error.code?.startsWith('FST_')) {
    const code = error.statusCode === 413 ? 'payload_too_large' : 'invalid_request';
    return { status: error.statusCode, headers: {}, body: errorBody(code, error.message, requestId) };
  }
  const known = toParleyError(error);
  const status = statusOf(known.code);
  const headers: Record<string, string> = {};
  if (status === 503 || status === 429) headers['retry-after'] = String(Math.ceil((known.retryAfterMs ?? 1000) / 1000));
  // What went wrong inside is for the log; outside only refusals explain themselves.
  const message = status >= 500 ? 'The hub cannot take this right now' : known.message;
  return { status, headers, body: errorBody(known.code, message, requestId) };
}

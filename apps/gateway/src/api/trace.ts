import { type Span, type Tracing, traceContextOf } from '@parley/core/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const SPAN = Symbol('span');

/**
 * A span around every request of a caller who is known: it goes on with the caller's own trace. To be registered behind
 * `requireCaller`, so that a stranger begins none.
 */
export function traceRequests(scope: FastifyInstance, tracing: Tracing): void {
  scope.addHook('preHandler', async (request, reply) => {
    const { url: route = '' } = request.routeOptions;
    const span = tracing.begin(`${request.method} ${route}`, {
      kind: 'server',
      parent: traceContextOf(request.headers),
      startedAt: Date.now() - reply.elapsedTime,
      attributes: { 'http.request.method': request.method, 'http.route': route, 'parley.platform': 'api' },
    });
    Reflect.set(request, SPAN, span);
    // Not `onResponse`: that does not come when the caller leaves in the middle.
    reply.raw.once('close', () => {
      const { statusCode, writableFinished } = reply.raw;
      span.set({ 'http.response.status_code': statusCode });
      if (statusCode >= 500) span.fail(String(statusCode));
      else if (!writableFinished) span.fail('caller_left');
      span.end();
    });
  });
}

/** What the steps of the request hang under; undefined without traces. */
export function spanOf(request: FastifyRequest): Span | undefined {
  return Reflect.get(request, SPAN) as Span | undefined;
}

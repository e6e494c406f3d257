import type { FastifyInstance } from 'fastify';
import { registerDocs } from './docs/index.ts';
import type { AdminRoute } from './http/route.ts';
import { type ServeDeps, serveRoutes } from './http/serve.ts';
import { openApiOf } from './openapi.ts';

export interface AdminApiDeps extends ServeDeps {
  routes: readonly AdminRoute[];
  /** Of the hub. */
  version: string;
}

/** `/api/admin/*`, its OpenAPI document at `/api/openapi.json`, and a page of it at `/api/docs`. */
export function registerAdminApi(server: FastifyInstance, deps: AdminApiDeps): void {
  server.register(async (scope) => {
    // Made when somebody asks: it takes a tenth of a start.
    let document: ReturnType<typeof openApiOf> | undefined;
    scope.get('/api/openapi.json', async (_request, reply) => {
      document ??= openApiOf(deps.routes, deps.version);
      return reply.header('cache-control', 'no-cache').send(document);
    });
    registerDocs(scope);
    serveRoutes(scope, deps.routes, deps);
  });
}

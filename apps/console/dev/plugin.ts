import type { Plugin } from 'vite';
import { createMockApi } from './mock/index.ts';

/** Answers `/api` from memory while developing. Not part of a build. */
export function mockApi(): Plugin {
  return {
    name: 'parley-mock-api',
    apply: 'serve',
    configureServer(server) {
      const handle = createMockApi();
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/api/')) return next();
        handle(request, response).catch(next);
      });
    },
  };
}

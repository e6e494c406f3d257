import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** What the page may load: its own files, and the API. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

const FILES = {
  '/api/docs': ['page.html', 'text/html; charset=utf-8'],
  '/api/docs/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/api/docs/page.js': ['page.js', 'text/javascript; charset=utf-8'],
} as const;

/** `/api/docs`: the admin API to browse and to try, as the person who is signed in. */
export function registerDocs(scope: FastifyInstance): void {
  for (const [path, [name, type]] of Object.entries(FILES)) {
    const text = readFileSync(new URL(name, import.meta.url), 'utf8');
    scope.get(path, async (_request, reply) => reply.headers(HEADERS).type(type).send(text));
  }
}

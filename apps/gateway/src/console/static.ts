import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ConsoleFile, readConsoleFiles } from './files.ts';

export interface ConsoleOptions {
  /** Folder of the build (apps/console/dist). */
  root: string;
  /** The hub's public base URL; behind https browsers are told to stay there. */
  publicUrl?: string | undefined;
}

/** Paths that belong to others: what is not found below them is a 404 in JSON, also for a browser. */
const OTHERS = ['/api', '/v1', '/chat', '/webhooks', '/health', '/ready', '/metrics', '/.well-known', '/assets'];

/** Stands in index.html where the nonce goes (apps/console/index.html). */
const NONCE_MARK = '%PARLEY_NONCE%';

/**
 * Serves the web console: its page for every path a browser may ask for, its assets for ever.
 *
 * @returns whether there is a build; without one a browser is told how to get it
 */
export function registerConsole(server: FastifyInstance, { root, publicUrl }: ConsoleOptions): { built: boolean } {
  const files = readConsoleFiles(root);
  const page = files.get('/index.html')?.plain.toString();
  const isSecure = publicUrl?.startsWith('https://') ?? false;

  server.get('/*', (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const file = path === '/index.html' ? undefined : files.get(path);
    if (file) return sendFile(request, protect(reply, isSecure), file);
    if (!isPage(path, request)) return reply.callNotFound();
    if (page === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    return sendPage(protect(reply, isSecure), page);
  });
  return { built: page !== undefined };
}

const NOT_BUILT = `The console is not built. On the hub's machine: npm start builds it (or: pnpm --filter @parley/console build).
控制台尚未构建。请在服务器上运行 npm start（或 pnpm --filter @parley/console build）。
`;

function isPage(path: string, request: FastifyRequest): boolean {
  // Whoever asks for the console itself gets it, whatever they say that they take.
  if (path === '/') return true;
  const isOthers = OTHERS.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  return !isOthers && (request.headers.accept ?? '').includes('text/html');
}

function sendFile(request: FastifyRequest, reply: FastifyReply, { type, plain, br, gzip, isHashed }: ConsoleFile) {
  const accepts = String(request.headers['accept-encoding'] ?? '');
  reply.type(type).header('vary', 'accept-encoding');
  reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600');
  if (br && /\bbr\b/.test(accepts)) return reply.header('content-encoding', 'br').send(br);
  if (gzip && /\bgzip\b/.test(accepts)) return reply.header('content-encoding', 'gzip').send(gzip);
  return reply.send(plain);
}

/** The page carries a nonce of this one answer: Ant Design makes its styles at run time and marks them with it. */
function sendPage(reply: FastifyReply, page: string) {
  const nonce = randomBytes(18).toString('base64');
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-cache, private')
    .header('content-security-policy', policyWith(nonce))
    .send(page.replace(NONCE_MARK, nonce));
}

function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function protect(reply: FastifyReply, isSecure: boolean): FastifyReply {
  reply.headers({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  });
  // An svg that is opened by itself is a document too.
  if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', "default-src 'none'");
  if (isSecure) reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
  return reply;
}

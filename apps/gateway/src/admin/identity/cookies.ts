import type { FastifyRequest } from 'fastify';

export const SESSION_COOKIE = 'parley_session';
/** Of browsers that have signed in before: it opens nothing, see `KnownBrowsers` of core. */
export const BROWSER_COOKIE = 'parley_browser';
export const OIDC_COOKIE = 'parley_oidc';
/** Only the sign-in through a provider gets to see its cookie. */
export const OIDC_PATH = '/api/admin/auth/oidc';
/** Only signing in gets to see it. */
export const BROWSER_PATH = '/api/admin/auth/login';

const MAX_HEADER = 16 * 1024;

/**
 * A cookie's value. Undefined when there is none, and when there are two that differ: a neighbouring host can put its
 * own beside ours, and nobody may be signed in as somebody else by that.
 */
export function cookieOf({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  const header = headers.cookie;
  if (header === undefined || header.length > MAX_HEADER) return undefined;
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return new Set(values).size === 1 ? values[0] : undefined;
}

export interface CookieOptions {
  path: string;
  /** 0 removes it. */
  maxAgeSeconds: number;
  secure: boolean;
}

/** A `Set-Cookie` header. `Lax`: links from elsewhere still find people signed in; nothing else from elsewhere does. */
export function cookieHeader(name: string, value: string, { path, maxAgeSeconds, secure }: CookieOptions): string {
  const rest = secure ? '; Secure' : '';
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${rest}`;
}

/** Whether the browser reaches the hub through TLS, as far as anybody tells: a wrong word of it only hurts who sends it. */
export function isSecure(
  request: Pick<FastifyRequest, 'protocol' | 'headers'>,
  publicUrl: string | undefined,
): boolean {
  // Of several proxies the first one is the browser's.
  const [forwarded] = String(request.headers['x-forwarded-proto'] ?? '').split(',');
  return request.protocol === 'https' || forwarded?.trim() === 'https' || publicUrl?.startsWith('https:') === true;
}

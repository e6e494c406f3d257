import { constantTimeEqual, type Sealer } from '../secrets/index.ts';
import type { Session } from './types.ts';

/** Tokens that prove that a request comes from the console's own pages: an HMAC over the session it belongs to. */
export interface Csrf {
  tokenOf(session: Pick<Session, 'publicId'>): string;
  /** In constant time. */
  isRight(session: Pick<Session, 'publicId'>, token: string | undefined): boolean;
}

export function createCsrf(sealer: Sealer): Csrf {
  const tokenOf = ({ publicId }: Pick<Session, 'publicId'>) => sealer.digest(publicId, 'session/csrf');
  return {
    tokenOf,
    isRight: (session, token) => token !== undefined && constantTimeEqual(token, tokenOf(session)),
  };
}

/**
 * Whether a browser says that a request comes from a page of this hub. Programs say neither, and are stopped by the
 * token alone.
 *
 * @param own the hub's origins: the host of the request, and the public URL
 */
export function isSameOrigin(
  headers: { origin?: string | undefined; secFetchSite?: string | undefined },
  own: { host: string | undefined; publicUrl: string | undefined },
): boolean {
  // Pages cannot set it, and unlike Origin it needs no knowledge of proxies in between.
  if (headers.secFetchSite !== undefined) return ['same-origin', 'none'].includes(headers.secFetchSite);
  if (headers.origin === undefined) return true;
  const origin = URL.parse(headers.origin);
  if (!origin) return false;
  const isPublic = own.publicUrl !== undefined && URL.parse(own.publicUrl)?.origin === origin.origin;
  return isPublic || origin.host === own.host;
}

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Sealer } from '../secrets/index.ts';

/**
 * Browsers that somebody has signed in with before. Their wrong attempts count by themselves, so that strangers who keep
 * a name locked do not keep its owner out (OWASP calls it a device cookie). One opens nothing: the password is asked for
 * all the same, and each browser has its own few attempts.
 */
export interface KnownBrowsers {
  /** What such a browser keeps: sealed, so that nobody makes one; every sign-in gives a new one. */
  cookieFor(username: string): string;
  /** The browser's id, if it has signed in with this name before. */
  idOf(cookie: string | undefined, username: string): string | undefined;
}

export const KNOWN_BROWSER_MS = 180 * 24 * 3_600_000;
const CONTEXT = 'sign-in/browser';
const MAX_COOKIE = 2_000;

const browserSchema = z.object({ id: z.string(), username: z.string(), until: z.number() });

export function createKnownBrowsers(sealer: Sealer, now: () => number): KnownBrowsers {
  return {
    cookieFor: (username) =>
      sealer.seal(JSON.stringify({ id: randomUUID(), username, until: now() + KNOWN_BROWSER_MS }), CONTEXT),
    idOf(cookie, username) {
      if (cookie === undefined || cookie.length > MAX_COOKIE) return undefined;
      try {
        const known = browserSchema.parse(JSON.parse(sealer.open(cookie, CONTEXT)));
        return known.username === username && known.until > now() ? known.id : undefined;
      } catch {
        // Made by somebody else, or under another master key.
        return undefined;
      }
    },
  };
}

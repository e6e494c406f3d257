import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { feishuError } from './errors.ts';

/** The app's tenant access tokens. */
export interface Tokens {
  /** A token for the right credentials; throws 10003 for a wrong app id, 10014 for a wrong secret. */
  issue(appId: unknown, appSecret: unknown): { token: string; expireSeconds: number };
  /** Throws 99991661 without a token, 99991663 for one that is unknown or has expired. */
  check(authorization: string | undefined): void;
  /** Whether the credentials are right. */
  matches(appId: unknown, appSecret: unknown): boolean;
  /** Makes every token given out so far invalid at once. */
  expireAll(): void;
}

/** While a token is good for half an hour or more Feishu hands out the same one again. */
const RENEW_BEFORE_MS = 30 * 60_000;
const MAX_TOKENS = 1_000;

export function createTokens(options: {
  appId: string;
  appSecret: string;
  lifeSeconds: number;
  now: () => number;
  /** Told of every new token, so that it can be masked where calls are recorded. */
  onIssue: (token: string) => void;
}): Tokens {
  const { now } = options;
  let issued: { token: string; expiresAt: number }[] = [];

  const tokens: Tokens = {
    matches: (appId, appSecret) => appId === options.appId && same(String(appSecret), options.appSecret),

    issue(appId, appSecret) {
      if (appId !== options.appId) throw feishuError(10003);
      if (!tokens.matches(appId, appSecret)) throw feishuError(10014);
      let latest = issued.at(-1);
      if (latest === undefined || latest.expiresAt - now() < RENEW_BEFORE_MS) {
        latest = { token: `t-${randomBytes(20).toString('hex')}`, expiresAt: now() + options.lifeSeconds * 1_000 };
        issued = [...issued, latest].slice(-MAX_TOKENS);
        options.onIssue(latest.token);
      }
      return { token: latest.token, expireSeconds: Math.floor((latest.expiresAt - now()) / 1_000) };
    },

    check(authorization) {
      const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
      if (token === undefined) throw feishuError(99991661);
      if (!issued.some((entry) => entry.expiresAt > now() && same(entry.token, token))) throw feishuError(99991663);
    },

    expireAll() {
      issued = [];
    },
  };
  return tokens;
}

function same(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

import type { Configuration } from 'openid-client';
import { z } from 'zod';
import { isLoopback, type OidcSettings } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { identityOf, type OidcIdentity } from './oidc-claims.ts';
import { safeReturnTo } from './return-to.ts';

/** Sign-in through an identity provider: OpenID Connect's code flow with PKCE, state and nonce. */
export interface Oidc {
  name: string;
  /**
   * Where to send the browser, and what to keep in its cookie until it comes back: sealed, so that nobody reads or makes one.
   *
   * @throws ParleyError `unavailable` when the provider cannot be reached
   */
  start(input: { redirectUri: string; returnTo: string | undefined }): Promise<{ url: string; flow: string }>;
  /**
   * Who came back.
   *
   * @param query the query of the callback, as it arrived
   * @throws ParleyError `invalid_request` when it does not belong to this browser's flow or the provider refused;
   *   `unavailable` when the provider cannot be asked
   */
  finish(input: { flow: string | undefined; query: string }): Promise<{ identity: OidcIdentity; returnTo: string }>;
}

/** How long somebody may take at the provider. */
export const OIDC_FLOW_MS = 10 * 60_000;
const TIMEOUT_SECONDS = 10;
/** How long what the provider says of itself is good for, and how soon one that did not answer is asked again. */
const DISCOVERY_MS = 3_600_000;
const RETRY_MS = 5_000;
const CONTEXT = 'oidc/flow';

/** Loaded when somebody signs in: few hubs have a provider, and no start should wait for its library. */
const library = () => import('openid-client');

const flowSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  returnTo: z.string(),
  until: z.number(),
});

export function createOidc(settings: OidcSettings, sealer: Sealer, now: () => number): Oidc {
  let found: { at: number; ttlMs: number; config: Promise<Configuration> } | undefined;

  /** Asks once for all who sign in; a failure is remembered for a moment, so that it does not become a storm. */
  function provider(): Promise<Configuration> {
    if (found && now() - found.at < found.ttlMs) return found.config;
    const entry = { at: now(), ttlMs: DISCOVERY_MS, config: discover(settings) };
    found = entry;
    entry.config.catch(() => {
      entry.ttlMs = RETRY_MS;
    });
    return entry.config;
  }

  return {
    name: settings.name,

    async start({ redirectUri, returnTo }) {
      const [client, config] = await Promise.all([library(), provider()]);
      const flow = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
        redirectUri,
        returnTo: safeReturnTo(returnTo),
        until: now() + OIDC_FLOW_MS,
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopeFor(config),
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, flow: sealer.seal(JSON.stringify(flow), CONTEXT) };
    },

    async finish({ flow, query }) {
      const { state, nonce, verifier, redirectUri, returnTo } = openFlow(flow, sealer, now());
      const [client, config] = await Promise.all([library(), provider()]);
      const answer = await asked(() =>
        client.authorizationCodeGrant(config, new URL(`${redirectUri}?${query}`), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        }),
      );
      const claims = answer.claims();
      if (!claims) throw refused('the provider sent no ID token');
      const more = config.serverMetadata().userinfo_endpoint
        ? await asked(() => client.fetchUserInfo(config, answer.access_token, claims.sub))
        : {};
      return { identity: identityOf(claims.iss, { ...more, ...claims }, settings.roles), returnTo };
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<Configuration> {
  const client = await library();
  const url = new URL(issuer);
  const auth = clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret);
  // Settings let http:// through for this machine only.
  const insecure = url.protocol === 'http:' && isLoopback(url.hostname) ? [client.allowInsecureRequests] : [];
  return asked(() =>
    client.discovery(url, clientId, undefined, auth, {
      timeout: TIMEOUT_SECONDS,
      execute: [...insecure, client.enableNonRepudiationChecks],
    }),
  );
}

/** Groups are asked for where the provider has a scope for them. */
function scopeFor(config: Configuration): string {
  const { scopes_supported: known = [] } = config.serverMetadata();
  return ['openid', 'profile', 'email', ...(known.includes('groups') ? ['groups'] : [])].join(' ');
}

function openFlow(flow: string | undefined, sealer: Sealer, now: number) {
  if (flow === undefined) throw refused('this browser has not begun to sign in');
  try {
    const opened = flowSchema.parse(JSON.parse(sealer.open(flow, CONTEXT)));
    if (opened.until > now) return opened;
  } catch {
    // Made by somebody else, or under another master key.
  }
  throw refused('signing in took too long');
}

const refused = (why: string) =>
  new ParleyError('invalid_request', `Signing in through the identity provider failed: ${why}`);

/** Translates what the library throws; its own errors carry codes and tokens, so nothing of them is repeated. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { AuthorizationResponseError, ResponseBodyError } = await library();
    if (error instanceof AuthorizationResponseError) throw refused('the provider refused');
    if (error instanceof ResponseBodyError) throw refused('the provider did not take the code');
    const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined) ?? '';
    if (AWAY.test(code)) {
      throw new ParleyError('unavailable', 'The identity provider cannot be reached', { retryAfterMs: RETRY_MS });
    }
    throw refused(code === '' ? 'unknown reason' : code);
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined);

/** Codes of the library and of Node for a server that is not there, or not itself. */
const AWAY = /^(OAUTH_TIMEOUT|OAUTH_ABORT|OAUTH_RESPONSE_IS_NOT_CONFORM|ECONN|ENOTFOUND|EAI_AGAIN|UND_ERR)/;

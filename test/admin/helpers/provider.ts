import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface TestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Lets these addresses use it. */
  open(redirectUris: string[]): void;
  /** Goes through the provider's pages as this person; the URL that it sends the browser back to. */
  signIn(url: string, login: string): Promise<string>;
  stop(): Promise<void>;
}

/** A real OpenID Connect provider in this process; people are whoever they say, with the claims given here. */
export async function startProvider(people: Record<string, Record<string, unknown>>): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ['parley', 'the-secret-of-the-client'];
  function open(redirectUris: string[]): void {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: redirectUris,
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      claims: {
        openid: ['sub'],
        profile: ['name', 'preferred_username', 'groups'],
        email: ['email', 'email_verified'],
      },
      scopes: ['openid', 'profile', 'email'],
      cookies: { keys: ['a key for tests'] },
      pkce: { required: () => true },
      findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    });
    server.on('request', provider.callback());
  }

  async function signIn(url: string, login: string): Promise<string> {
    const cookies = new Map<string, string>();
    let request: { url: string; form?: Record<string, string> } = { url };
    for (let step = 0; step < 12; step++) {
      const response = await fetch(request.url, {
        method: request.form ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(request.form && { body: new URLSearchParams(request.form) }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const page = await response.text();
      const location = response.headers.get('location');
      if (location === null) {
        const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
        if (prompt === '') throw new Error(`no form on ${request.url}: ${response.status} ${page.slice(0, 300)}`);
        request = { url: request.url, form: { prompt, ...(prompt === 'login' && { login, password: 'any' }) } };
        continue;
      }
      const next = new URL(location, request.url);
      if (next.origin !== issuer) return next.href;
      request = { url: next.href };
    }
    throw new Error('the provider sent us around in a circle');
  }

  return {
    issuer,
    clientId,
    clientSecret,
    open,
    signIn,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

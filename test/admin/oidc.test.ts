import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import type { Browser } from './helpers/browser.ts';
import { startConsole, type TestConsole } from './helpers/hub.ts';
import { createPeople } from './helpers/people.ts';
import { startProvider, type TestProvider } from './helpers/provider.ts';

/** Sign-in through a real OpenID Connect provider: every step over HTTP. */
const cleanup = createCleanup();
let hub: TestConsole;
let provider: TestProvider;
/** Roles from claims, and roles from the console. */
let mapped: string;
let plain: string;

const PEOPLE: Record<string, Record<string, unknown>> = {
  ann: {
    name: 'Ann',
    preferred_username: 'ann',
    groups: ['hub-admins', 'x'],
    email: 'ann@acme.example',
    email_verified: true,
  },
  bob: { name: 'Bob', preferred_username: 'admin', groups: ['support'] },
  eve: { name: 'Eve', preferred_username: 'eve', groups: [] },
};

beforeAll(async () => {
  hub = cleanup.add(await startConsole());
  const callback = (url: string) => `${url}/api/admin/auth/oidc/callback`;
  provider = cleanup.add(await startProvider(PEOPLE));
  const { issuer, clientId, clientSecret } = provider;
  hub.secrets.add(clientSecret);
  const settings = { issuer, clientId, clientSecret, name: 'Acme SSO', roles: undefined };
  const role = (value: string, role: 'owner' | 'operator', tenant: string) => ({
    claim: 'groups',
    value,
    role,
    tenant,
  });
  const roles = [role('hub-admins', 'owner', '*'), role('support', 'operator', 'acme')];
  mapped = (await hub.another({ oidc: { ...settings, roles } })).url;
  plain = (await hub.another({ oidc: settings })).url;
  provider.open([callback(mapped), callback(plain)]);
});
afterAll(() => cleanup.run());

/** The way there: what the provider would send the browser back to. */
async function goThere(browser: Browser, login: string, returnTo = '/channels?tab=1'): Promise<string> {
  const start = await browser.get(`/auth/oidc/start?return_to=${encodeURIComponent(returnTo)}`);
  expect(start.status).toBe(302);
  const url = new URL(start.headers.get('location') ?? '');
  expect(url.origin).toBe(provider.issuer);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    code_challenge_method: 'S256',
    response_type: 'code',
    state: expect.stringMatching(/.{20}/),
    nonce: expect.stringMatching(/.{20}/),
  });
  return provider.signIn(url.href, login);
}
const come = async (browser: Browser, url: string) => {
  const { status, headers } = await browser.send('GET', url);
  return [status, headers.get('location')];
};

describe('signing in through a provider', () => {
  test('makes a user with the roles of its claims, and leads back to where one was', async () => {
    const browser = hub.browser(mapped);
    expect((await browser.get('/auth/methods')).body).toEqual({
      password: true,
      oidc: { name: 'Acme SSO' },
      setup_hint: null,
    });
    expect(await come(browser, await goThere(browser, 'ann'))).toEqual([302, '/channels?tab=1']);
    const { body } = await browser.get('/me');
    expect(body).toMatchObject({
      user: { username: 'ann', name: 'Ann', email: 'ann@acme.example', method: 'oidc', must_change_password: false },
      roles: [{ tenant: '*', role: 'owner' }],
      features: { oidc: true },
    });
    expect(browser.cookies.has('parley_oidc')).toBe(false);
    // The same person is the same user.
    const again = hub.browser(mapped);
    await come(again, await goThere(again, 'ann'));
    expect((await again.get('/me')).body.user.id).toBe(body.user.id);
    browser.csrf = body.csrf_token;
    const { items } = (await browser.get('/me/sessions')).body;
    expect(items.map(({ method }: { method: string }) => method)).toEqual(['oidc', 'oidc']);
    // There is no password to protect or to change.
    expect((await browser.post('/me/totp')).status).toBe(409);
    expect((await hub.browser(mapped).signIn('ann', 'whatever it is')).status).toBe(401);
  });

  test('never opens a local account of the same name', async () => {
    const browser = hub.browser(mapped);
    await come(browser, await goThere(browser, 'bob'));
    const { body } = await browser.get('/me');
    expect(body).toMatchObject({ user: { username: 'admin-2' }, roles: [{ tenant: 'acme', role: 'operator' }] });
  });

  test('follows the claims at every sign-in, and lets nobody in whom they give nothing', async () => {
    const eve = hub.browser(mapped);
    expect(await come(eve, await goThere(eve, 'eve'))).toEqual([302, '/?oidc_error=forbidden']);
    PEOPLE.eve = { ...PEOPLE.eve, groups: ['support'] };
    expect((await come(eve, await goThere(eve, 'eve')))[1]).toBe('/channels?tab=1');
    expect((await eve.get('/me')).body.roles).toEqual([{ tenant: 'acme', role: 'operator' }]);
    PEOPLE.eve = { ...PEOPLE.eve, groups: [] };
    const again = hub.browser(mapped);
    expect((await come(again, await goThere(again, 'eve')))[1]).toBe('/?oidc_error=forbidden');
    expect((await again.get('/me')).status).toBe(401);
    // What she had before has ended as well.
    expect((await eve.get('/me')).status).toBe(401);
  });

  test('without a mapping gives no role: an administrator does', async () => {
    PEOPLE.zoe = { name: 'Zoe' };
    const zoe = hub.browser(plain);
    await come(zoe, await goThere(zoe, 'zoe'));
    const { body } = await zoe.get('/me');
    expect(body).toMatchObject({ user: { username: 'zoe' }, roles: [], tenants: [] });
    const admin = await createPeople(hub).administrator();
    const roles = [{ tenant: 'globex', role: 'viewer' }];
    expect((await admin.change('PATCH', `/users/${body.user.id}`, { roles })).status).toBe(200);
    hub.pass(5_000);
    expect((await zoe.get('/me')).body.roles).toEqual(roles);
    const again = hub.browser(plain);
    await come(again, await goThere(again, 'zoe'));
    expect((await again.get('/me')).body.roles).toEqual(roles);
    await admin.change('PATCH', `/users/${body.user.id}`, { disabled: true });
    const third = hub.browser(plain);
    expect((await come(third, await goThere(third, 'zoe')))[1]).toBe('/?oidc_error=forbidden');
    expect((await admin.post(`/users/${body.user.id}/reset-password`)).status).toBe(409);
  });
});

describe('what comes back from elsewhere', () => {
  const refused = [302, '/?oidc_error=refused'];

  test('is refused with another state, without the browser’s cookie, and the second time', async () => {
    const browser = hub.browser(mapped);
    const url = new URL(await goThere(browser, 'ann'));
    const flow = browser.cookies.get('parley_oidc') ?? '';
    const forged = new URL(url);
    forged.searchParams.set('state', 'somebody-elses-state');
    expect(await come(browser, forged.href)).toEqual(refused);
    expect(browser.cookies.has('parley_oidc')).toBe(false);
    expect(await come(hub.browser(mapped), url.href)).toEqual(refused);

    // Another browser's flow: the victim is not signed in as the attacker.
    const victim = hub.browser(mapped);
    await victim.get('/auth/oidc/start');
    expect(await come(victim, url.href)).toEqual(refused);
    expect(victim.cookies.has('parley_session')).toBe(false);

    browser.cookies.set('parley_oidc', flow);
    expect((await come(browser, url.href))[1]).toBe('/channels?tab=1');
    browser.cookies.set('parley_oidc', flow);
    expect(await come(browser, url.href)).toEqual(refused);
  });

  test('is refused when it took too long, was tampered with, or is an error of the provider', async () => {
    const browser = hub.browser(mapped);
    const url = await goThere(browser, 'ann');
    const flow = browser.cookies.get('parley_oidc') ?? '';
    browser.cookies.set('parley_oidc', `${flow.slice(0, -2)}AA`);
    expect(await come(browser, url)).toEqual(refused);
    browser.cookies.set('parley_oidc', flow);
    hub.pass(10 * 60_000);
    expect(await come(browser, url)).toEqual(refused);

    const denied = hub.browser(mapped);
    const start = await denied.get('/auth/oidc/start');
    const state = new URL(start.headers.get('location') ?? '').searchParams.get('state');
    const callback = `${mapped}/api/admin/auth/oidc/callback`;
    const error = `${callback}?error=access_denied&error_description=${encodeURIComponent('<b>\r\nX: y')}&state=${state}`;
    expect(await come(denied, error)).toEqual(refused);
    expect(await come(denied, `${callback}?code=x`)).toEqual(refused);
  });

  test.each([
    ['https://evil.example/'],
    ['//evil.example'],
    ['/\\evil.example'],
    ['/\r\nLocation: https://evil.example'],
    ['/api/admin/auth/oidc/start'],
  ])('does not lead to %j', async (returnTo) => {
    const browser = hub.browser(mapped);
    expect(await come(browser, await goThere(browser, 'ann', returnTo))).toEqual([302, '/']);
  });

  test('a provider that is away is told as that, and asked again later', async () => {
    const gone = await startProvider({});
    await gone.stop();
    const { issuer, clientId, clientSecret } = gone;
    const away = { issuer, clientId, clientSecret, name: 'Away', roles: undefined };
    const { url } = await hub.another({ oidc: away });
    expect(await come(hub.browser(url), `${url}/api/admin/auth/oidc/start`)).toEqual([302, '/?oidc_error=unavailable']);
    expect((await hub.browser().get('/auth/oidc/start')).status).toBe(404);
  });

  test('leaves no code, token or secret in the log', () => {
    const logged = hub.lines.join('');
    expect(logged).not.toContain(provider.clientSecret);
    expect(logged).not.toMatch(/code=|id_token|access_token|eyJ/);
  });
});

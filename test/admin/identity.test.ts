import { totpAt } from '@parley/core/identity';
import { tables } from '@parley/core/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Browser } from './helpers/browser.ts';
import { dump, startConsole, type TestConsole } from './helpers/hub.ts';
import { createPeople, PASSWORD } from './helpers/people.ts';

/** Who may use the console, tried from outside: over HTTP, with a database and a Redis behind it. */
let hub: TestConsole;
let people: ReturnType<typeof createPeople>;
let admin: Browser;
beforeAll(async () => {
  hub = await startConsole();
  people = createPeople(hub);
});
beforeEach(async () => {
  admin = await people.administrator();
});
afterEach(() => hub.redis.flush());
afterAll(() => hub?.stop());

const newcomer = (...given: Parameters<typeof people.newcomer>) => people.newcomer(...given);
const viewer = [{ tenant: 'acme', role: 'viewer' }];
const code = (answer: { body: { error: { code: string } } }) => answer.body.error.code;

describe('guessing', () => {
  test('locks a name after five wrong passwords, also against the right one, with a lock that grows', async () => {
    const { id, username, browser } = await newcomer(viewer);
    const guess = (password: string) => hub.browser().signIn(username, password);
    for (let attempt = 0; attempt < 5; attempt++) expect(await guess('wrong password')).toMatchObject({ status: 401 });
    const locked = await guess(PASSWORD);
    expect([locked.status, code(locked)]).toEqual([429, 'rate_limited']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(20);

    // Without Redis' memory the database still knows.
    await hub.redis.flush();
    expect(await guess(PASSWORD)).toMatchObject({ status: 429 });
    // Whoever was signed in stays so, and an administrator sees it.
    expect((await browser.get('/me')).status).toBe(200);
    expect((await admin.get(`/users/${id}`)).body.locked_until).not.toBeNull();

    hub.pass(31_000);
    await hub.redis.flush();
    expect(await guess('wrong password')).toMatchObject({ status: 401 });
    const again = await guess(PASSWORD);
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(45);

    expect((await admin.post(`/users/${id}/unlock`)).status).toBe(204);
    expect(await guess(PASSWORD)).toMatchObject({ status: 200 });
  });

  test('a name that does not exist is treated just like one that does', async () => {
    const { username } = await newcomer(viewer);
    const { id, username: disabled } = await newcomer(viewer);
    expect((await admin.change('PATCH', `/users/${id}`, { disabled: true })).status).toBe(200);
    const histories = [];
    for (const name of [username, 'nobody-of-this-name', disabled]) {
      const before = hub.compared();
      const answers = [];
      for (let attempt = 0; attempt < 7; attempt++) {
        const { status, body, headers } = await hub.browser().signIn(name, 'wrong password');
        const { request_id: _, ...error } = body.error;
        answers.push({ status, error, names: [...headers.keys()].sort() });
      }
      histories.push({ answers, compared: hub.compared() - before });
    }
    expect(histories[1]).toEqual(histories[0]);
    expect(histories[2]).toEqual(histories[0]);
    expect(histories[0]?.answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(histories[0]?.compared).toBe(5);
  });

  test('a hundred guesses at once are no more than five in a row', async () => {
    const { username } = await newcomer(viewer);
    const before = hub.compared();
    const guesses = Array.from({ length: 100 }, () => hub.browser().signIn(username, 'wrong password'));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(95);
    expect(hub.compared() - before).toBe(5);
  });

  test('one address gets so many attempts over all names; those that were right do not count', async () => {
    const { username } = await newcomer(viewer);
    const careful = await newcomer(viewer);
    const { secret } = (await careful.browser.post('/me/totp')).body;
    await careful.browser.post('/me/totp/confirm', { code: totpAt(secret, hub.now()) });
    const { url } = await hub.another({ addressLimit: { attempts: 6, windowMs: 60_000 } });
    for (let attempt = 0; attempt < 8; attempt++) {
      expect((await hub.browser(url).signIn(username, PASSWORD)).status).toBe(200);
    }
    // Nor does the first half of a sign-in with a second factor.
    for (let attempt = 0; attempt < 4; attempt++) {
      expect(code(await hub.browser(url).signIn(careful.username, PASSWORD))).toBe('totp_required');
    }
    for (let attempt = 0; attempt < 6; attempt++) {
      expect((await hub.browser(url).signIn(`nobody-${attempt}`, 'wrong password')).status).toBe(401);
    }
    const refused = await hub.browser(url).signIn(username, PASSWORD);
    expect([refused.status, code(refused)]).toEqual([429, 'rate_limited']);
  });

  test('without Redis a process counts by itself, and the database for all', async () => {
    const { username } = await newcomer(viewer);
    await hub.redis.kill();
    try {
      const statuses = [];
      for (const name of [username, 'nobody-without-redis']) {
        for (let attempt = 0; attempt < 6; attempt++) {
          statuses.push((await hub.browser().signIn(name, 'wrong password')).status);
        }
      }
      const once = [401, 401, 401, 401, 401, 429];
      expect(statuses).toEqual([...once, ...once]);
    } finally {
      await hub.restartRedis();
    }
  });

  test('the present password cannot be guessed from an open browser either', async () => {
    const { browser } = await newcomer(viewer);
    const statuses = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const body = { current: 'wrong password', next: 'another good password' };
      statuses.push((await browser.send('PUT', '/me/password', { body })).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
  });

  test('whoever signed in before gets in while strangers keep the name locked, with a few attempts of the own', async () => {
    const { id, username, browser } = await newcomer(viewer);
    const [stranger, planted] = [hub.browser(), hub.browser()];
    for (let attempt = 0; attempt < 6; attempt++) await stranger.signIn(username, 'wrong password');
    expect((await stranger.signIn(username, PASSWORD)).status).toBe(429);
    // From another browser, with nothing but a name for a cookie, or with somebody else's, nobody gets past the lock.
    const { browser: other } = await newcomer(viewer);
    for (const cookie of ['', 'A'.repeat(80), other.cookies.get('parley_browser') ?? '']) {
      planted.cookies.set('parley_browser', cookie);
      expect((await planted.signIn(username, PASSWORD)).status).toBe(429);
    }
    expect((await browser.post('/auth/logout')).status).toBe(204);
    expect((await browser.signIn(username, PASSWORD)).status).toBe(200);
    // That is no way around the lock for the others, and the signed-in change their password all the same.
    expect((await stranger.signIn(username, PASSWORD)).status).toBe(429);
    expect((await admin.get(`/users/${id}`)).body.locked_until).not.toBeNull();
    const body = { current: PASSWORD, next: `${PASSWORD}, changed` };
    expect((await browser.send('PUT', '/me/password', { body })).status).toBe(204);
    const statuses = [];
    for (let attempt = 0; attempt < 6; attempt++) statuses.push((await browser.signIn(username, PASSWORD)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('an address that strangers used up keeps nobody out who signed in before, and no signed-in one in', async () => {
    const { username, browser } = await newcomer(viewer);
    const { url } = await hub.another({ addressLimit: { attempts: 3, windowMs: 60_000 } });
    const here = hub.browser(url);
    expect((await here.signIn(username, PASSWORD)).status).toBe(200);
    for (let attempt = 0; attempt < 5; attempt++) await hub.browser(url).signIn(`nobody-${attempt}`, 'wrong password');
    expect((await hub.browser(url).signIn(username, PASSWORD)).status).toBe(429);
    expect((await here.signIn(username, PASSWORD)).status).toBe(200);
    const body = { current: PASSWORD, next: `${PASSWORD}, changed` };
    expect((await browser.send('PUT', '/me/password', { body })).status).toBe(204);
  });

  test('what makes a browser known goes nowhere but to the sign-in, and opens nothing', async () => {
    const { username } = await newcomer(viewer);
    const answer = await hub.browser().post('/auth/login', { username, password: PASSWORD });
    const [, cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(
      /^parley_browser=[\w.-]+; Path=\/api\/admin\/auth\/login; Max-Age=15552000; HttpOnly; SameSite=Lax$/,
    );
    expect(cookie).not.toContain(username);
    expect((await hub.browser().get('/me', { cookie: cookie.split(';')[0] })).status).toBe(401);
  });

  test('every refusal is in the audit log, without what was typed as a name', async () => {
    const typed = 'oops-my-password-in-the-wrong-field';
    hub.secrets.add(typed);
    await hub.browser().signIn(typed, 'whatever it is');
    await hub.browser().signIn('admin', 'not the password');
    const all = await hub.store.db.select().from(tables.audit);
    const rows = all.filter(({ action }) => action === 'auth:login.denied');
    expect(rows.map(({ actor }) => actor)).toEqual(expect.arrayContaining(['nobody', 'admin']));
    expect(JSON.stringify(rows)).not.toContain(typed);
    expect((await hub.audit.verify()).faults).toEqual([]);
  });
});

describe('sessions', () => {
  test('every sign-in has a new id, and ends what was in the browser before', async () => {
    const { username, browser: attacker } = await newcomer(viewer);
    const planted = attacker.cookies.get('parley_session') ?? '';
    const victim = hub.browser();
    victim.cookies.set('parley_session', planted);
    expect((await victim.signIn(username, PASSWORD)).status).toBe(200);
    const fresh = victim.cookies.get('parley_session') ?? '';
    expect(fresh).toMatch(/^[\w-]{43}$/);
    expect(fresh).not.toBe(planted);
    expect((await attacker.get('/me')).status).toBe(401);
    expect((await victim.get('/me')).status).toBe(200);

    const chosen = hub.browser();
    chosen.cookies.set('parley_session', 'A'.repeat(43));
    expect((await chosen.get('/me')).status).toBe(401);
    expect((await chosen.signIn(username, PASSWORD)).status).toBe(200);
    expect(chosen.cookies.get('parley_session')).not.toBe('A'.repeat(43));
  });

  test('two cookies of the name are none: a neighbouring host cannot slip its own in', async () => {
    const [mine, theirs] = [await newcomer(viewer), await newcomer(viewer)];
    const [a, b] = [mine, theirs].map(({ browser }) => browser.cookies.get('parley_session'));
    const send = (cookie: string) => hub.browser().get('/me', { cookie });
    expect((await send(`parley_session=${a}; parley_session=${b}`)).status).toBe(401);
    expect((await send(`parley_session=${a}; x=1; parley_session=${a}`)).status).toBe(200);
  });

  test('the cookie is out of reach for scripts and other sites, and for plain HTTP behind TLS', async () => {
    const { username } = await newcomer(viewer);
    const body = { username, password: PASSWORD };
    const plain = await hub.browser().post('/auth/login', body);
    expect(plain.headers.getSetCookie()[0]).toMatch(/; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/);
    const tls = await hub.browser().post('/auth/login', body, { 'x-forwarded-proto': 'https, http' });
    expect(tls.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  });

  test('are listed, and end when revoked: here at once, elsewhere within five seconds', async () => {
    const elsewhere = await hub.another();
    const { username, browser: first } = await newcomer(viewer);
    const second = hub.browser(elsewhere.url);
    await second.signIn(username, PASSWORD);
    expect((await second.get('/me')).status).toBe(200);

    const { items } = (await first.get('/me/sessions')).body;
    expect(items.map(({ current }: { current: boolean }) => current).sort()).toEqual([false, true]);
    const other = items.find(({ current }: { current: boolean }) => !current);
    expect(other).toMatchObject({ method: 'password', ip: '127.0.0.1' });
    expect((await first.send('DELETE', `/me/sessions/${other.id}`)).status).toBe(204);
    hub.pass(5_000);
    expect((await second.get('/me')).status).toBe(401);
    expect((await first.send('DELETE', `/me/sessions/${other.id}`)).status).toBe(404);

    const stranger = await newcomer(viewer);
    const [own] = (await first.get('/me/sessions')).body.items;
    expect((await stranger.browser.send('DELETE', `/me/sessions/${own.id}`)).status).toBe(404);

    expect((await first.post('/auth/logout')).status).toBe(204);
    expect(first.cookies.has('parley_session')).toBe(false);
  });

  test('all others end when the password changes', async () => {
    const { username, browser } = await newcomer(viewer);
    const other = hub.browser();
    await other.signIn(username, PASSWORD);
    const next = 'the next good password';
    hub.secrets.add(next);
    expect((await browser.send('PUT', '/me/password', { body: { current: PASSWORD, next } })).status).toBe(204);
    expect((await other.get('/me')).status).toBe(401);
    expect((await browser.get('/me')).status).toBe(200);
    expect((await hub.browser().signIn(username, PASSWORD)).status).toBe(401);
    expect((await hub.browser().signIn(username, next)).status).toBe(200);
  });

  test('end twelve hours after their last use and after seven days in any case; twenty at most', async () => {
    const { username } = await newcomer(viewer);
    const hours = (n: number) => hub.pass(n * 3_600_000);
    const idle = hub.browser();
    await idle.signIn(username, PASSWORD);
    const used = hub.browser();
    await used.signIn(username, PASSWORD);
    for (let half = 0; half < 16; half++) {
      hours(11);
      const { status } = await used.get('/me');
      // 15 × 11 h is the last that is within seven days.
      expect([half, status]).toEqual([half, half < 15 ? 200 : 401]);
      if (half === 1) expect((await idle.get('/me')).status).toBe(401);
    }

    const many = Array.from({ length: 21 }, () => hub.browser());
    for (const browser of many) {
      hub.pass(1_000);
      await browser.signIn(username, PASSWORD);
    }
    expect((await many[20]?.get('/me/sessions'))?.body.items).toHaveLength(20);
    hub.pass(5_000);
    expect((await many[0]?.get('/me'))?.status).toBe(401);
    expect((await many[1]?.get('/me'))?.status).toBe(200);
  });
});

describe('requests from other sites', () => {
  test('change nothing without the token of the very session', async () => {
    const [mine, theirs] = [await newcomer(viewer), await newcomer(viewer)];
    const patch = (headers: Record<string, string | undefined>) =>
      mine.browser.send('PATCH', '/me', { body: { name: 'Changed' }, headers });
    const again = hub.browser();
    await again.signIn(mine.username, PASSWORD);
    const wrong = [undefined, '', 'x', theirs.browser.csrf, again.csrf, `${mine.browser.csrf}0`];
    for (const token of wrong) {
      const answer = await patch({ 'x-csrf-token': token });
      expect([token, answer.status]).toEqual([token, 403]);
    }
    const right = { 'x-csrf-token': mine.browser.csrf };
    expect((await patch({ ...right, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await patch({ ...right, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await patch({ ...right, origin: 'https://evil.example' })).status).toBe(403);
    expect((await mine.browser.get('/me')).body.user.name).toBe('');
    expect((await patch({ ...right, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await patch({ ...right, origin: hub.url })).body.user.name).toBe('Changed');
  });

  test('cannot sign somebody in either', async () => {
    const { username } = await newcomer(viewer);
    const body = { username, password: PASSWORD };
    const foreign = await hub.browser().post('/auth/login', body, { origin: 'https://evil.example' });
    expect([foreign.status, foreign.headers.getSetCookie()]).toEqual([403, []]);
    const form = { 'content-type': 'text/plain' };
    expect((await hub.browser().post('/auth/login', JSON.stringify(body), form)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('a second factor', () => {
  async function withTotp() {
    const person = await newcomer(viewer);
    const { secret, uri } = (await person.browser.post('/me/totp')).body;
    hub.secrets.add(secret);
    expect(uri).toContain(secret);
    const wrong = await person.browser.post('/me/totp/confirm', { code: '000000' });
    expect([wrong.status, wrong.body.error.fields[0].path]).toEqual([400, 'code']);
    const confirmed = await person.browser.post('/me/totp/confirm', { code: totpAt(secret, hub.now()) });
    expect(confirmed.status).toBe(200);
    const recovery: string[] = confirmed.body.recovery_codes;
    return { ...person, secret: secret as string, recovery };
  }

  test('is asked for once the password is right, and takes every code once', async () => {
    const { id, username, secret } = await withTotp();
    const attempt = (given?: string, password = PASSWORD) => hub.browser().signIn(username, password, given);
    expect(code(await attempt())).toBe('totp_required');
    expect(code(await attempt(undefined, 'wrong password'))).toBe('unauthorized');
    // The code that confirmed it was used.
    expect(code(await attempt(totpAt(secret, hub.now())))).toBe('totp_required');
    await admin.post(`/users/${id}/unlock`);

    hub.pass(60_000);
    const next = totpAt(secret, hub.now());
    const both = await Promise.all([attempt(next), attempt(next)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await attempt(next)).status).toBe(401);
    // Nor an earlier one that is still within the tolerated step.
    expect((await attempt(totpAt(secret, hub.now() - 30_000))).status).toBe(401);
  });

  test('codes cannot be guessed faster than passwords', async () => {
    const { username } = await withTotp();
    const statuses = [];
    for (let guess = 0; guess < 6; guess++) {
      statuses.push((await hub.browser().signIn(username, PASSWORD, String(100_000 + guess))).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('recovery codes open the door once each', async () => {
    const { username, recovery } = await withTotp();
    expect(recovery).toHaveLength(10);
    const [first = '', second = ''] = recovery;
    const both = await Promise.all([first, first].map((one) => hub.browser().signIn(username, PASSWORD, one)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await hub.browser().signIn(username, PASSWORD, first.toUpperCase())).status).toBe(401);
    expect((await hub.browser().signIn(username, PASSWORD, second.toUpperCase())).status).toBe(200);
    const row = (await hub.store.db.select().from(tables.users)).find((one) => one.username === username);
    expect(row?.recoveryHashes).toHaveLength(8);
    expect(JSON.stringify(row)).not.toContain(second);
  });

  test('is turned off with the password, or by an administrator, and not by an open browser alone', async () => {
    const { id, username, browser } = await withTotp();
    expect((await browser.post('/me/totp')).status).toBe(409);
    expect((await browser.send('DELETE', '/me/totp', { body: { password: 'wrong password' } })).status).toBe(400);
    expect((await browser.send('DELETE', '/me/totp', { body: { password: PASSWORD } })).status).toBe(204);
    expect((await hub.browser().signIn(username, PASSWORD)).status).toBe(200);

    const other = await withTotp();
    expect((await admin.send('DELETE', `/users/${other.id}/totp`)).status).toBe(204);
    expect((await other.browser.get('/me')).status).toBe(401);
    expect((await hub.browser().signIn(other.username, PASSWORD)).status).toBe(200);
    expect((await admin.get(`/users/${id}`)).body.totp_enabled).toBe(false);
  });
});

describe('personal access tokens', () => {
  const owner = [{ tenant: 'acme', role: 'owner' }];
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  async function tokenFor(browser: Browser, body: Record<string, unknown> = {}) {
    const answer = await browser.post('/me/tokens', { name: 'script', ...body });
    expect(answer.status).toBe(201);
    return answer.body as { id: string; token: string; prefix: string };
  }

  test('act as their owner without cookie and CSRF token, and are shown once', async () => {
    const { id, browser } = await newcomer(owner);
    const { token, prefix } = await tokenFor(browser);
    expect(token).toMatch(/^pat_[\w-]{43}$/);
    expect(token.startsWith(prefix)).toBe(true);
    const me = await hub.browser().get('/me', bearer(token));
    expect(me.body).toMatchObject({ user: { id, method: 'token' }, csrf_token: null });
    const made = await hub.browser().post('/users', { username: 'made-by-a-script', roles: viewer }, bearer(token));
    expect(made.status).toBe(201);
    const { items } = (await browser.get('/me/tokens')).body;
    expect(items).toEqual([expect.objectContaining({ prefix, last_used_at: expect.any(String), revoked_at: null })]);
    expect(JSON.stringify(items)).not.toContain(token);
    hub.secrets.add(token);
  });

  test('do nothing beyond their own actions, and pass nothing on that they may not do', async () => {
    const { browser } = await newcomer(owner);
    const { token } = await tokenFor(browser, { actions: ['user:*'] });
    const script = hub.browser();
    expect((await script.get('/users', bearer(token))).status).toBe(200);
    const denied = await script.get('/policies', bearer(token));
    expect([denied.status, code(denied)]).toEqual([403, 'forbidden']);
    const explained = await script.get(
      '/access/explain?action=policy:read&resource=tenant/acme/policy/x',
      bearer(token),
    );
    expect(explained.body).toMatchObject({ allowed: false, token_bound: true, decided_by: null });
    const more = { username: 'more-than-allowed', roles: [{ tenant: 'acme', role: 'viewer' }] };
    expect((await script.post('/users', more, bearer(token))).status).toBe(403);
  });

  test('never become a session, another token or a new password', async () => {
    const { browser } = await newcomer(owner);
    const { id, token } = await tokenFor(browser);
    const script = hub.browser();
    const attempts: [string, string, unknown?][] = [
      ['POST', '/me/tokens', { name: 'another' }],
      ['DELETE', `/me/tokens/${id}`],
      ['PATCH', '/me', { name: 'x' }],
      ['PUT', '/me/password', { current: PASSWORD, next: 'another good password' }],
      ['POST', '/me/totp', {}],
      ['DELETE', '/me/totp', { password: PASSWORD }],
      ['POST', '/auth/logout', {}],
    ];
    for (const [method, path, body] of attempts) {
      const { status } = await script.send(method, path, {
        ...(body !== undefined && { body }),
        headers: bearer(token),
      });
      expect([method, path, status]).toEqual([method, path, 403]);
    }
  });

  test('end when they expire, are revoked, or their owner is disabled', async () => {
    const { id, browser } = await newcomer(owner);
    const soon = await tokenFor(browser, { expires_at: new Date(hub.now() + 60_000).toISOString() });
    const revoked = await tokenFor(browser);
    const last = await tokenFor(browser);
    const status = async (token: string) => (await hub.browser().get('/me', bearer(token))).status;
    for (const { token } of [soon, revoked, last]) expect(await status(token)).toBe(200);
    expect((await browser.send('DELETE', `/me/tokens/${revoked.id}`)).status).toBe(204);
    expect(await status(revoked.token)).toBe(401);
    hub.pass(60_000);
    expect(await status(soon.token)).toBe(401);
    expect(await status(last.token)).toBe(200);
    await admin.change('PATCH', `/users/${id}`, { disabled: true });
    expect(await status(last.token)).toBe(401);
    for (const token of ['pat_', `pat_${'a'.repeat(43)}`, 'x', '']) expect(await status(token)).toBe(401);
    expect((await browser.post('/me/tokens', { name: 'x', expires_at: '2001-01-01T00:00:00Z' })).status).toBe(401);
  });

  test('fifty of them are enough', async () => {
    const { browser } = await newcomer(viewer);
    for (let made = 0; made < 50; made++) await tokenFor(browser);
    expect((await browser.post('/me/tokens', { name: 'one more' })).status).toBe(409);
    const past = await browser.post('/me/tokens', { name: 'x', expires_at: '2001-01-01T00:00:00Z' });
    expect(past.body.error.fields[0].path).toBe('expires_at');
  });
});

test('nothing that was secret has been told again, logged or stored in the open', async () => {
  expect(hub.secrets.size).toBeGreaterThan(50);
  const stored = await dump(hub.store);
  const told = hub.told.join('\n');
  const logged = hub.lines.join('');
  for (const secret of hub.secrets) {
    expect(stored).not.toContain(secret);
    expect(logged).not.toContain(secret);
    // Shown where they are made, and only there.
    expect(told.split(secret).length - 1).toBeLessThanOrEqual(1 + Number(told.includes(`secret=${secret}`)));
  }
  for (const { passwordHash } of await hub.store.db.select().from(tables.users)) {
    if (passwordHash !== null) expect(told).not.toContain(passwordHash);
  }
  expect(told).not.toMatch(/argon2/);
});

import { ACTIONS, ROLE_ACTIONS } from '@parley/core/access';
import { tables } from '@parley/core/store';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, Browser } from './helpers/browser.ts';
import { ADMIN_PASSWORD, startConsole, type TestConsole } from './helpers/hub.ts';
import { createPeople, PASSWORD, type Person } from './helpers/people.ts';

/** Users, roles and policies from outside: what one may give, take and see. */
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
afterAll(() => hub?.stop());

const at = (tenant: string, role: string) => [{ tenant, role }];
const code = (answer: Answer) => answer.body?.error?.code;
const policyFor = (person: Person, given: Record<string, unknown> = {}) => ({
  tenant: 'acme',
  name: 'for a test',
  effect: 'allow',
  actions: ['user:*'],
  resources: ['tenant/acme/*'],
  principals: [`user:${person.id}`],
  ...given,
});

describe('users', () => {
  test('begin with a password that is shown once and good for nothing but choosing another', async () => {
    const made = await admin.post('/users', { username: ' Ann.Other@Acme ', name: 'Ann', roles: at('acme', 'admin') });
    expect(made.body).toMatchObject({
      username: 'ann.other@acme',
      name: 'Ann',
      email: null,
      roles: at('acme', 'admin'),
    });
    const ann = hub.browser();
    const signedIn = await ann.signIn('ann.other@acme', made.body.initial_password);
    expect(signedIn.body.user).toMatchObject({ must_change_password: true, method: 'password' });
    expect((await ann.get('/me')).status).toBe(200);
    for (const path of ['/users', '/me/tokens', '/me/sessions', '/roles']) {
      expect([path, code(await ann.get(path))]).toEqual([path, 'forbidden']);
    }
    const same = { current: made.body.initial_password, next: made.body.initial_password };
    expect((await ann.send('PUT', '/me/password', { body: same })).body.error.fields[0].path).toBe('next');
    const weak = { current: made.body.initial_password, next: 'short' };
    expect((await ann.send('PUT', '/me/password', { body: weak })).body.error.fields[0].path).toBe('next');
    const good = { current: made.body.initial_password, next: PASSWORD };
    expect((await ann.send('PUT', '/me/password', { body: good })).status).toBe(204);
    expect((await ann.get('/users')).status).toBe(200);
    expect((await admin.get(`/users/${made.body.id}`)).body).not.toHaveProperty('initial_password');
  });

  test('are made once for one Idempotency-Key, and not twice under one name', async () => {
    const body = { username: 'made-once', roles: at('acme', 'viewer') };
    const key = { 'idempotency-key': 'k-1' };
    const [first, second] = [await admin.post('/users', body, key), await admin.post('/users', body, key)];
    expect(second.body).toEqual(first.body);
    const again = await admin.post('/users', body);
    expect([again.status, again.body.error.fields[0].path]).toEqual([409, 'username']);
  });

  test('are changed only as they were read', async () => {
    const { id } = await people.newcomer(at('acme', 'viewer'));
    const read = await admin.get(`/users/${id}`);
    const tag = read.headers.get('etag') ?? '';
    const patch = (headers: Record<string, string>, name: string) =>
      admin.send('PATCH', `/users/${id}`, { body: { name }, headers });
    expect(code(await patch({}, 'A'))).toBe('precondition_required');
    expect((await patch({ 'if-match': tag }, 'B')).body.name).toBe('B');
    expect(code(await patch({ 'if-match': tag }, 'C'))).toBe('precondition_failed');
    expect((await admin.get(`/users/${id}`)).body.name).toBe('B');
  });

  test('are listed in pages, to people of their own tenants only, without their roles elsewhere', async () => {
    const both = await people.newcomer([...at('acme', 'viewer'), ...at('globex', 'operator')]);
    const globex = await people.newcomer(at('globex', 'viewer'));
    const owner = await people.newcomer(at('acme', 'owner'));
    const seen: { id: string; roles: unknown[] }[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.browser.get(`/users?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items);
      if (body.next_cursor === null) break;
      cursor = body.next_cursor;
    }
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(both.id);
    expect(ids).not.toContain(globex.id);
    expect(seen.find(({ id }) => id === both.id)?.roles).toEqual(at('acme', 'viewer'));
    expect((await owner.browser.get(`/users/${globex.id}`)).status).toBe(404);
    expect((await admin.get(`/users/${both.id}`)).body.roles).toHaveLength(2);
    expect((await (await people.newcomer(at('acme', 'viewer'))).browser.get('/users')).status).toBe(403);
  });

  test('are told what they may do where', async () => {
    const { browser } = await people.newcomer([...at('acme', 'viewer'), ...at('globex', 'owner')]);
    const { body } = await browser.get('/me');
    expect(body.can['channel:read']).toEqual(['acme', 'globex']);
    expect(body.can['channel:write']).toEqual(['globex']);
    expect(body.can['audit:read']).toEqual(['globex']);
    expect(body.tenants).toEqual([
      { id: 'acme', name: 'Acme' },
      { id: 'globex', name: 'globex' },
    ]);
    expect(body).toMatchObject({ version: '1.2.3', features: { sandbox: false, oidc: false } });
    expect((await admin.get('/me')).body.can['system:write']).toEqual(['*']);
    expect((await browser.get('/roles')).body).toEqual({
      items: Object.entries(ROLE_ACTIONS).map(([role, actions]) => ({ role, actions })),
      actions: ACTIONS,
    });
  });

  test('are out at once when they are disabled or removed, with everything they had', async () => {
    const [one, two] = [await people.newcomer(at('acme', 'owner')), await people.newcomer(at('acme', 'owner'))];
    expect((await admin.change('PATCH', `/users/${one.id}`, { disabled: true })).body.disabled).toBe(true);
    expect((await one.browser.get('/me')).status).toBe(401);
    expect((await admin.change('DELETE', `/users/${two.id}`)).status).toBe(204);
    expect((await two.browser.get('/me')).status).toBe(401);
    expect((await admin.get(`/users/${two.id}`)).status).toBe(404);
    const sessions = await hub.store.db.select().from(tables.userSessions);
    expect(sessions.filter(({ user }) => [one.id, two.id].includes(user))).toEqual([]);
  });

  test('lose sessions and tokens when an administrator resets the password', async () => {
    const { id, username, browser } = await people.newcomer(at('acme', 'viewer'));
    const { token } = (await browser.post('/me/tokens', { name: 'x' })).body;
    const { body } = await admin.post(`/users/${id}/reset-password`);
    expect((await browser.get('/me')).status).toBe(401);
    expect((await hub.browser().get('/me', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await hub.browser().signIn(username, PASSWORD)).status).toBe(401);
    const again = await hub.browser().signIn(username, body.initial_password);
    expect(again.body.user.must_change_password).toBe(true);
  });
});

describe('the last owner', () => {
  test('of the hub cannot be removed, disabled or demoted, nor denied what makes an owner', async () => {
    const { id } = (await admin.get('/me')).body.user;
    const attempts = [
      await admin.change('PATCH', `/users/${id}`, { disabled: true }),
      await admin.change('PATCH', `/users/${id}`, { roles: at('acme', 'owner') }),
      await admin.change('DELETE', `/users/${id}`),
      await admin.post('/policies', {
        tenant: '*',
        name: 'nobody',
        effect: 'deny',
        actions: ['user:write'],
        resources: ['*'],
        principals: ['role:owner@*'],
      }),
    ];
    expect(attempts.map(code)).toEqual(['conflict', 'conflict', 'conflict', 'conflict']);
    expect((await admin.get('/me')).status).toBe(200);
  });

  test('is none of two, and of two who remove each other at once one stays', async () => {
    const [a, b] = [await people.newcomer(at('*', 'owner')), await people.newcomer(at('*', 'owner'))];
    const first = (await admin.get('/me')).body.user.id;
    expect((await a.browser.change('PATCH', `/users/${first}`, { disabled: true })).status).toBe(200);
    const both = await Promise.all([
      a.browser.change('DELETE', `/users/${b.id}`),
      b.browser.change('DELETE', `/users/${a.id}`),
    ]);
    const gone = both.filter(({ status }) => status === 204).length;
    expect(gone).toBe(1);
    const left = both[0]?.status === 204 ? a : b;
    expect((await left.browser.change('PATCH', `/users/${first}`, { disabled: false })).status).toBe(200);
    admin = hub.browser();
    expect((await admin.signIn('admin', ADMIN_PASSWORD)).status).toBe(200);
  });
});

describe('nobody gives more than they have', () => {
  test('no role but an owner adds users, and an owner adds them in the own place only', async () => {
    for (const role of ['admin', 'operator', 'viewer']) {
      const { browser } = await people.newcomer(at('acme', role));
      const answer = await browser.post('/users', { username: `by-${role}`, roles: at('acme', 'viewer') });
      expect([role, answer.status]).toEqual([role, 403]);
      expect((await browser.post('/policies', policyFor({ id: 'x' } as Person))).status).toBe(403);
    }
    const { browser } = await people.newcomer(at('acme', 'owner'));
    const tries: [unknown[], number][] = [
      [at('acme', 'owner'), 201],
      [at('globex', 'viewer'), 403],
      [at('*', 'viewer'), 403],
      [[...at('acme', 'viewer'), ...at('*', 'owner')], 403],
      [[], 403],
      [at('nowhere', 'viewer'), 400],
    ];
    for (const [index, [roles, expected]] of tries.entries()) {
      const { status } = await browser.post('/users', { username: `by-owner-${index}`, roles });
      expect([roles, status]).toEqual([roles, expected]);
    }
  });

  test('nobody raises themselves, or an accomplice', async () => {
    const { id, browser } = await people.newcomer(at('acme', 'owner'));
    const friend = await people.newcomer(at('acme', 'viewer'));
    for (const target of [id, friend.id]) {
      for (const roles of [at('*', 'owner'), at('globex', 'viewer'), [...at('acme', 'owner'), ...at('*', 'admin')]]) {
        expect((await browser.change('PATCH', `/users/${target}`, { roles })).status).toBe(403);
      }
    }
    expect((await browser.change('PATCH', `/users/${friend.id}`, { roles: at('acme', 'owner') })).status).toBe(200);
    expect((await admin.get(`/users/${id}`)).body.roles).toEqual(at('acme', 'owner'));
  });

  test('an account that may more is out of reach: no reset, no sign-out, no demotion', async () => {
    const { browser } = await people.newcomer(at('acme', 'owner'));
    const target = await people.newcomer([...at('acme', 'viewer'), ...at('globex', 'admin')]);
    const url = `/users/${target.id}`;
    const answers = [
      await browser.post(`${url}/reset-password`),
      await browser.send('DELETE', `${url}/totp`),
      await browser.send('DELETE', `${url}/sessions`),
      await browser.post(`${url}/unlock`),
      await browser.change('DELETE', url),
      await browser.change('PATCH', url, { disabled: true }),
      await browser.change('PATCH', url, { email: 'mine@evil.example' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403]);
    expect(JSON.stringify(answers)).not.toContain('globex');
    expect((await target.browser.get('/me')).status).toBe(200);
    // Whether somebody has a role elsewhere cannot be found out by sending it.
    for (const role of ['admin', 'viewer']) {
      const guess = await browser.change('PATCH', url, { roles: [...at('acme', 'viewer'), ...at('globex', role)] });
      expect(guess.status).toBe(403);
    }
    // The role in the own tenant may be changed; the one elsewhere is not touched, and not shown.
    const changed = await browser.change('PATCH', url, { roles: at('acme', 'operator') });
    expect(changed.body.roles).toEqual(at('acme', 'operator'));
    expect((await admin.get(url)).body.roles).toEqual([...at('acme', 'operator'), ...at('globex', 'admin')]);
  });

  test('the right to manage users is not the right to be anybody', async () => {
    const helper = await people.newcomer(at('acme', 'viewer'));
    const boss = await people.newcomer(at('acme', 'owner'));
    const peer = await people.newcomer(at('acme', 'viewer'));
    expect((await admin.post('/policies', policyFor(helper))).status).toBe(201);
    const { browser } = helper;
    expect((await browser.post(`/users/${boss.id}/reset-password`)).status).toBe(403);
    expect((await browser.change('PATCH', `/users/${boss.id}`, { roles: at('acme', 'viewer') })).status).toBe(403);
    expect((await browser.change('PATCH', `/users/${helper.id}`, { roles: at('acme', 'owner') })).status).toBe(403);
    expect((await browser.change('PATCH', `/users/${peer.id}`, { roles: at('acme', 'operator') })).status).toBe(403);
    expect((await browser.post(`/users/${peer.id}/reset-password`)).status).toBe(200);
    // A peer to whom a policy gives more is no peer.
    const favoured = await people.newcomer(at('acme', 'viewer'));
    await admin.post('/policies', policyFor(favoured, { actions: ['channel:write'] }));
    expect((await browser.post(`/users/${favoured.id}/reset-password`)).status).toBe(403);
  });

  test('an open browser does not get around its owner’s password', async () => {
    const { id } = (await admin.get('/me')).body.user;
    expect((await admin.post(`/users/${id}/reset-password`)).status).toBe(403);
    expect((await admin.send('DELETE', `/users/${id}/totp`)).status).toBe(403);
  });

  test('every refusal of this kind is in the audit log', async () => {
    const { id, username, browser } = await people.newcomer(at('acme', 'owner'));
    await browser.change('PATCH', `/users/${id}`, { roles: at('*', 'owner') });
    const rows = await hub.store.db.select().from(tables.audit);
    const denied = rows.filter(({ actor, action }) => actor === username && action === 'user:write.denied');
    expect(denied.map(({ target }) => target)).toEqual([`hub/user/${id}`]);
  });
});

describe('policies', () => {
  test('give, deny and explain themselves', async () => {
    const person = await people.newcomer(at('acme', 'viewer'));
    const explain = async (query: string) => (await person.browser.get(`/access/explain?${query}`)).body;
    const question = 'action=channel:write&resource=tenant/acme/channel/bot';
    expect(await explain(question)).toMatchObject({
      allowed: false,
      decided_by: null,
      matching: [],
      token_bound: false,
    });

    const made = await admin.post('/policies', policyFor(person, { actions: ['channel:write'] }));
    expect(await explain(question)).toMatchObject({ allowed: true, decided_by: { id: made.body.id } });
    const denial = { effect: 'deny', actions: ['put:channel'], resources: ['tenant/acme/channel/bot'] };
    const denied = await admin.post('/policies', policyFor(person, denial));
    expect((await explain(question)).allowed).toBe(true);
    const put = await explain(`${question}&method=put`);
    expect(put).toMatchObject({ allowed: false, decided_by: { id: denied.body.id, effect: 'deny' } });
    expect(put.matching).toHaveLength(2);
    expect(put.roles).toEqual(at('acme', 'viewer'));

    expect((await admin.change('DELETE', `/policies/${denied.body.id}`)).status).toBe(204);
    expect((await explain(`${question}&method=put`)).allowed).toBe(true);
    const narrowed = policyFor(person, { actions: ['channel:read'] });
    expect((await admin.change('PUT', `/policies/${made.body.id}`, narrowed)).body.actions).toEqual(['channel:read']);
    expect((await explain(question)).allowed).toBe(false);
  });

  test('about others are explained to those who may read policies there', async () => {
    const person = await people.newcomer([...at('acme', 'viewer'), ...at('globex', 'admin')]);
    const other = await people.newcomer(at('globex', 'viewer'));
    const owner = await people.newcomer(at('acme', 'owner'));
    const path = (user: Person, tenant: string) =>
      `/access/explain?user=${user.id}&action=channel:read&resource=tenant/${tenant}/channel/x`;
    const { body } = await owner.browser.get(path(person, 'acme'));
    expect(body).toMatchObject({ allowed: true, roles: at('acme', 'viewer') });
    expect((await owner.browser.get(path(person, 'globex'))).status).toBe(403);
    expect((await owner.browser.get(path(other, 'acme'))).status).toBe(404);
    expect((await person.browser.get(path(owner, 'acme'))).status).toBe(403);
  });

  test('of a tenant stay in the tenant, and are seen there only', async () => {
    const owner = await people.newcomer(at('acme', 'owner'));
    const stranger = await people.newcomer(at('globex', 'owner'));
    const mine = (given: Record<string, unknown>) => owner.browser.post('/policies', policyFor(owner, given));
    expect((await mine({ resources: ['*'] })).body.resources).toEqual(['tenant/acme/*']);
    expect((await mine({ resources: ['tenant/globex/*'] })).status).toBe(400);
    expect((await mine({ resources: ['hub/model/*'] })).status).toBe(400);
    expect((await mine({ tenant: '*', resources: ['*'] })).status).toBe(403);
    expect((await mine({ tenant: 'globex', resources: ['*'] })).status).toBe(403);
    const { items } = (await owner.browser.get('/policies?tenant=acme')).body;
    expect(items.length).toBeGreaterThan(0);
    const [policy] = items;
    expect((await stranger.browser.get(`/policies/${policy.id}`)).status).toBe(404);
    expect((await stranger.browser.change('DELETE', `/policies/${policy.id}`)).status).toBe(404);
    expect((await stranger.browser.get('/policies?tenant=acme')).status).toBe(403);
    expect((await stranger.browser.get('/policies')).body.items).toEqual([]);
  });

  test('give no more than their author has, and denials bind until an owner takes them back', async () => {
    const writer = await people.newcomer(at('acme', 'operator'));
    await admin.post('/policies', policyFor(writer, { actions: ['policy:*'] }));
    const give = (actions: string[]) => writer.browser.post('/policies', policyFor(writer, { actions }));
    expect((await give(['*'])).status).toBe(403);
    expect((await give(['channel:write'])).status).toBe(403);
    expect((await give(['conversation:write'])).status).toBe(201);

    const denial = { effect: 'deny', actions: ['conversation:*'] };
    const denied = await admin.post('/policies', policyFor(writer, denial));
    expect((await writer.browser.change('DELETE', `/policies/${denied.body.id}`)).status).toBe(403);
    const weaker = policyFor(writer, { ...denial, actions: ['audit:read'] });
    expect((await writer.browser.change('PUT', `/policies/${denied.body.id}`, weaker)).status).toBe(403);
    // To oneself it would give nothing; to others it would.
    expect((await give(['conversation:write'])).status).toBe(201);
    const toOthers = policyFor(writer, { actions: ['conversation:write'], principals: ['role:viewer@acme'] });
    expect((await writer.browser.post('/policies', toOthers)).status).toBe(403);

    const owner = await people.newcomer(at('acme', 'owner'));
    expect((await owner.browser.change('DELETE', `/policies/${denied.body.id}`)).status).toBe(204);
    const locksOut = { effect: 'deny', actions: ['policy:write'], principals: ['*'] };
    expect(code(await owner.browser.post('/policies', policyFor(owner, locksOut)))).toBe('conflict');
  });
});

describe('what is sent', () => {
  test('sets nothing that is not offered', async () => {
    const { id, browser } = await people.newcomer(at('acme', 'viewer'));
    const extras: Record<string, unknown>[] = [
      { passwordHash: '$argon2id$' },
      { password_hash: 'x' },
      { disabled: false },
      { roles: at('*', 'owner') },
      { id: 'x' },
      { username: 'admin' },
      { totp_enabled: true },
      { constructor: {} },
    ];
    for (const extra of extras) {
      const answer = await browser.send('PATCH', '/me', { body: { name: 'x', ...extra } });
      expect([extra, answer.status]).toEqual([extra, 400]);
    }
    for (const extra of [
      { username: 'x' },
      { password: PASSWORD },
      { must_change_password: false },
      { oidcSubject: 'x' },
    ]) {
      expect((await admin.change('PATCH', `/users/${id}`, { name: 'x', ...extra })).status).toBe(400);
    }
    const made = { username: 'mass', roles: at('acme', 'viewer') };
    expect((await admin.post('/users', { ...made, id: 'mine' })).status).toBe(400);
    expect((await admin.post('/users', { ...made, roles: [{ ...at('acme', 'viewer')[0], extra: 1 }] })).status).toBe(
      400,
    );
    expect((await browser.post('/me/tokens', { name: 'x', user: 'admin' })).status).toBe(400);
    const polluted = await browser.send('PATCH', '/me', { body: '{"name":"x","__proto__":{"admin":true}}' });
    expect(polluted.status).toBe(400);
    expect((await browser.get('/me')).body.user.name).toBe('');
  });

  test('puts nothing into headers or lines of the log', async () => {
    const names = ['a\r\nSet-Cookie: x=1', 'a b', '../admin', '<script>', 'a\u0000', '', 'x'.repeat(65)];
    for (const username of names) {
      expect((await admin.post('/users', { username, roles: at('acme', 'viewer') })).status).toBe(400);
    }
    expect((await admin.send('PATCH', '/me', { body: { name: 'two\nlines' } })).status).toBe(400);
    expect((await admin.send('PATCH', '/me', { body: { email: 'a@b.c\r\nBcc: x' } })).status).toBe(400);
    const target = await people.newcomer(at('acme', 'viewer'));
    for (const id of ['%0d%0aSet-Cookie:%20x=1', `${target.id}%0d%0aX-Injected:1`]) {
      const answer = await admin.get(`/users/${id}`);
      expect(answer.status).toBe(404);
      expect([...answer.headers.keys()]).not.toContain('x-injected');
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    for (const line of hub.lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('is told back field by field when it is wrong', async () => {
    const wrong = { username: 'A B', email: 'x', password: 'short', roles: at('acme', 'king') };
    const { body } = await admin.post('/users', wrong);
    const paths = body.error.fields.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(expect.arrayContaining(['username', 'email', 'roles.0.role']));
    expect(JSON.stringify(body)).not.toContain('short');
  });
});

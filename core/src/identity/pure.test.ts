import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer } from '../secrets/index.ts';
import { createCsrf, isSameOrigin } from './csrf.ts';
import { createFresh, FRESH_MS } from './fresh.ts';
import { FREE_ATTEMPTS, lockMsAfter } from './lock.ts';
import { identityOf, rolesFrom, toUsername } from './oidc-claims.ts';
import { safeReturnTo } from './return-to.ts';
import { networkOf } from './throttle.ts';

describe('safeReturnTo', () => {
  it.each(['/', '/channels', '/channels/acme?tab=1#top', '/a%20b', '/tenants/acme/rules?x=/y'])('keeps %s', (path) => {
    expect(safeReturnTo(path)).toBe(path);
  });

  it.each([
    undefined,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/a\r\nSet-Cookie: x=1',
    '/..//evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/api/admin/auth/oidc/start',
    `/${'a'.repeat(3000)}`,
  ])('takes %j for the start page', (path) => {
    expect(safeReturnTo(path)).toBe('/');
  });

  it('never leads elsewhere', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '..',
      '.',
      '@',
      ':',
      '?',
      '#',
      '%2f',
      '%5c',
      'evil.example',
      '\t',
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const path = safeReturnTo(`/${parts.join('')}`);
        expect(new URL(path, 'https://hub.example').origin).toBe('https://hub.example');
        expect(path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
      }),
    );
  });
});

describe('lockMsAfter', () => {
  it('grows from nothing to a quarter of an hour, and stays there', () => {
    const seconds = Array.from({ length: 14 }, (_, failures) => lockMsAfter(failures) / 1000);
    expect(seconds).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
    expect(lockMsAfter(1_000_000)).toBe(900_000);
    expect(FREE_ATTEMPTS).toBe(5);
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});

describe('CSRF', () => {
  const csrf = createCsrf(createSealer(Buffer.alloc(32, 1)));
  const mine = { publicId: 'a' };

  it('binds a token to its session and to the master key', () => {
    const token = csrf.tokenOf(mine);
    expect(csrf.isRight(mine, token)).toBe(true);
    expect(csrf.isRight({ publicId: 'b' }, token)).toBe(false);
    expect(csrf.isRight(mine, undefined)).toBe(false);
    expect(csrf.isRight(mine, '')).toBe(false);
    expect(createCsrf(createSealer(Buffer.alloc(32, 2))).isRight(mine, token)).toBe(false);
  });

  const own = { host: 'hub.internal:8080', publicUrl: 'https://bots.example/hub' };
  it.each([
    [{}, true],
    [{ secFetchSite: 'same-origin' }, true],
    [{ secFetchSite: 'cross-site' }, false],
    [{ secFetchSite: 'same-site' }, false],
    [{ secFetchSite: 'cross-site', origin: 'https://bots.example' }, false],
    [{ origin: 'http://hub.internal:8080' }, true],
    [{ origin: 'https://bots.example' }, true],
    [{ origin: 'https://bots.example.evil.example' }, false],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
  ])('%j → %j', (headers, expected) => {
    expect(isSameOrigin(headers, own)).toBe(expected);
  });
});

describe('createFresh', () => {
  it('asks again after four seconds, after a failure and when told to forget', async () => {
    let now = 0;
    let asked = 0;
    const fresh = createFresh<{ value: number }>(() => now);
    const get = () => fresh.get('key', async () => ({ value: ++asked }));
    expect([(await get()).value, (await get()).value]).toEqual([1, 1]);
    now = FRESH_MS;
    expect((await get()).value).toBe(2);
    fresh.clear();
    expect((await get()).value).toBe(3);
    await expect(fresh.get('other', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await fresh.get('other', async () => ({ value: 9 }))).toEqual({ value: 9 });
  });

  it('counts the age from the beginning of the query', async () => {
    let now = 0;
    const fresh = createFresh<{ value: number }>(() => now);
    await fresh.get('key', async () => {
      now = FRESH_MS - 1;
      return { value: 1 };
    });
    now = FRESH_MS;
    expect(await fresh.get('key', async () => ({ value: 2 }))).toEqual({ value: 2 });
  });
});

describe('claims', () => {
  const role = (claim: string | undefined, value: string, tenant = 'acme') => ({
    claim,
    value,
    role: 'viewer' as const,
    tenant,
  });

  it('give roles by value, by list and by path, and never by inheritance', () => {
    const claims = { dept: 'ops', groups: ['a', 'b:c'], realm_access: { roles: ['admin'] }, level: 3 };
    const given = (...mapping: ReturnType<typeof role>[]) => rolesFrom(claims, mapping).length;
    expect(given(role('dept', 'ops'))).toBe(1);
    expect(given(role('groups', 'b:c'))).toBe(1);
    expect(given(role('realm_access.roles', 'admin'))).toBe(1);
    expect(given(role('level', '3'))).toBe(1);
    expect(given(role(undefined, ''))).toBe(1);
    expect(given(role('dept', 'op'), role('groups', 'A'), role('constructor.name', 'Object'))).toBe(0);
    expect(given(role('dept', 'ops'), role('groups', 'a'))).toBe(1);
  });

  it('make a user that is safe to show', () => {
    const claims = {
      sub: 's',
      preferred_username: 'Ann Müller\r\n',
      name: 'Ann\u0000\nM',
      email: 'a@x',
      email_verified: false,
    };
    expect(identityOf('https://i', claims, undefined)).toEqual({
      issuer: 'https://i',
      subject: 's',
      username: 'ann-mu-ller',
      name: 'Ann  M',
      email: null,
      roles: undefined,
    });
    expect(toUsername('///')).toBe('user');
    expect(toUsername('张三')).toBe('user');
  });
});

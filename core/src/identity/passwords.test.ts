import { describe, expect, it } from 'vitest';
import { HASH_COST, hashPassword, isOutdated, parseHash, verifyHash } from './password-hash.ts';
import { assertPassword, complaintAbout, createPasswords, generatePassword } from './passwords.ts';

/** Cheap, so that the tests are quick. */
const cost = { memoryKib: 64, passes: 1, lanes: 1 };
const PASSWORD = 'correct horse battery';

describe('hashes', () => {
  it('are argon2id with what OWASP recommends, in the PHC format', async () => {
    const stored = await hashPassword(PASSWORD);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyHash(PASSWORD, stored)).toBe(true);
    expect(await verifyHash(`${PASSWORD}!`, stored)).toBe(false);
    expect(isOutdated(stored)).toBe(false);
    expect(await hashPassword(PASSWORD, cost)).not.toBe(await hashPassword(PASSWORD, cost));
  });

  it('agree with the reference implementation', async () => {
    // A vector of src/test.c in P-H-C/phc-winner-argon2: argon2id, version 0x13, t=2, m=2^16, p=1.
    const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyHash('password', stored)).toBe(true);
    expect(await verifyHash('passwore', stored)).toBe(false);
  });

  it('take letters that look the same for the same', async () => {
    const stored = await hashPassword('pässwörd-ﬁve', cost);
    expect(await verifyHash('pa\u0308sswo\u0308rd-five', stored)).toBe(true);
  });

  it.each([
    '',
    'plain',
    '$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=64,t=999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ])('refuse %j', (stored) => {
    expect(() => parseHash(stored)).toThrow(/PHC format/);
  });
});

describe('createPasswords', () => {
  it('hashes anew what was made more cheaply, once the password is known to be right', async () => {
    const old = await hashPassword(PASSWORD, cost);
    const today = createPasswords({ cost: { ...cost, memoryKib: 128 } });
    expect(await today.verify('wrong', old)).toEqual({ ok: false, upgraded: undefined });
    const { ok, upgraded = '' } = await today.verify(PASSWORD, old);
    expect(ok).toBe(true);
    expect(parseHash(upgraded).memoryKib).toBe(128);
    expect(await today.verify(PASSWORD, upgraded)).toEqual({ ok: true, upgraded: undefined });
    expect(isOutdated(upgraded, { ...cost, memoryKib: 128 })).toBe(false);
    expect(HASH_COST.memoryKib).toBe(19_456);
  });

  it('never lets in somebody who has no password', async () => {
    const passwords = createPasswords({ cost });
    for (const password of ['', 'x', PASSWORD]) expect((await passwords.verify(password, null)).ok).toBe(false);
  });

  it('hashes a few at a time, lets some wait, and turns the rest away', async () => {
    const passwords = createPasswords({ cost, maxConcurrent: 1, maxWaiting: 2 });
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => passwords.hash(PASSWORD)));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(results.at(-1)).toMatchObject({ reason: { code: 'unavailable' } });
    // Everybody has left: there is room again.
    await expect(passwords.hash(PASSWORD)).resolves.toContain('$argon2id$');
  });
});

describe('new passwords', () => {
  it.each([
    ['short', /at least 10/],
    ['x'.repeat(201), /at most 200/],
    ['aaaaaaaaaaaa', /too easy/],
    ['Adminadmin1', /too easy/],
  ])('%s is refused', (password, why) => {
    expect(complaintAbout(password, 'admin')).toMatch(why);
    expect(() => assertPassword(password, 'admin', 'next')).toThrow(/^next: /);
  });

  it('are long rather than strange', () => {
    expect(complaintAbout('a plain sentence will do', 'admin')).toBeUndefined();
    expect(complaintAbout('一二三四五六七八九十', 'admin')).toBeUndefined();
  });

  it('that a machine thinks of are good, differ, and are easy to copy', () => {
    const some = Array.from({ length: 50 }, generatePassword);
    expect(new Set(some).size).toBe(50);
    for (const one of some) {
      expect(one).toMatch(/^[A-Za-z0-9]{5}(-[A-Za-z0-9]{5}){3}$/);
      expect(complaintAbout(one, 'admin')).toBeUndefined();
    }
  });
});

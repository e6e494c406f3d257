import { eq } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmptyPglite } from '../../../test/support/pglite.ts';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { startRedis, type TestRedis } from '../../../test/support/redis.ts';
import { connectRedis, type RedisClient, untilUsable } from '../bus/index.ts';
import { createSealer } from '../secrets/index.ts';
import { migrate, openStore, rotateSecrets, type Store, tables } from '../store/index.ts';
import { createLogger } from '../telemetry/index.ts';
import { countAttempt } from './attempts.ts';
import { ensureFirstAdministrator } from './first-administrator.ts';
import { createIdentity } from './identity.ts';
import { hashPassword } from './password-hash.ts';
import { createPasswords } from './passwords.ts';
import { createSecondFactor } from './second-factor.ts';
import { createThrottle } from './throttle.ts';
import { totpAt } from './totp.ts';

/** What holds when several processes do it at once: against the servers that decide it. */
let postgres: TestPostgres;
let redis: TestRedis;
let client: RedisClient;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  client = connectRedis(redis.url, 'publish', createLogger('silent'));
  await untilUsable(client, 5_000);
});
afterAll(async () => {
  client?.disconnect();
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

const sealer = createSealer(Buffer.alloc(32, 1));
const cost = { memoryKib: 64, passes: 1, lanes: 1 };
const passwords = createPasswords({ cost, maxWaiting: 1_000 });
const PASSWORD = 'a password for tests';
const caller = { ip: '192.0.2.1', userAgent: 'test' };

async function freshDatabase(): Promise<string> {
  const name = `db_${Math.random().toString(36).slice(2)}`;
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  return postgres.url.replace('/postgres?', `/${name}?`);
}

describe.each(['postgres', 'pglite'] as const)('on %s', (dialect) => {
  let store: Store;
  beforeAll(async () => {
    store = await (dialect === 'postgres' ? openStore({ databaseUrl: await freshDatabase() }) : openEmptyPglite());
    await migrate(store);
  });
  afterAll(() => store?.close());

  const create = (now?: () => number) =>
    createIdentity({ store, redis: client, sealer, oidc: undefined, passwords, ...(now && { now }) });
  const first = (given: { password?: string; generate?: boolean }) =>
    ensureFirstAdministrator({ store, passwords, password: given.password, generate: given.generate ?? false });
  const rowOf = async (username: string) => {
    const [row] = await store.db.select().from(tables.users).where(eq(tables.users.username, username));
    if (!row) throw new Error(`no ${username}`);
    return row;
  };

  it('the first administrator is added once, by whoever comes first', async () => {
    expect(await first({})).toBeUndefined();
    await expect(first({ password: 'short' })).rejects.toThrow(/^PARLEY_ADMIN_PASSWORD: expected at least 10/);
    expect(await store.db.select().from(tables.users)).toEqual([]);
    const all = await Promise.all(Array.from({ length: 5 }, () => first({ generate: true })));
    const shown = all.filter((one) => one !== undefined);
    expect(shown).toHaveLength(1);
    const { users, signIn } = create();
    expect((await users.findByName('admin'))?.roles).toEqual([{ tenant: '*', role: 'owner' }]);
    // Later nothing changes it.
    expect(await first({ password: 'another password' })).toBeUndefined();
    const begun = await signIn.withPassword({ username: 'Admin ', password: shown[0]?.password ?? '' }, caller);
    expect(begun.cookie).toMatch(/^[\w-]{43}$/);
  });

  it('of two owners who remove each other at once one stays', async () => {
    const { users } = create();
    const roles = [{ tenant: '*', role: 'owner' as const }];
    const [a, b] = [await add('owner-a', roles), await add('owner-b', roles)];
    const admin = await users.findByName('admin');
    await users.change(admin?.id ?? '', () => ({ disabled: true }));
    const both = await Promise.allSettled([users.remove(a.id, () => {}), users.change(b.id, () => ({ roles: [] }))]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    await users.change(admin?.id ?? '', () => ({ disabled: false }));
  });

  async function add(username: string, roles: { tenant: string; role: 'owner' | 'viewer' }[] = []) {
    const passwordHash = await passwords.hash(PASSWORD);
    return create().users.create({ username, passwordHash, mustChangePassword: false, roles });
  }

  it('an attempt counts once each, however many come at once', async () => {
    await add('guessed');
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => countAttempt(store, 'guessed', Date.now)));
    const { failedAttempts, lockedUntil } = await rowOf('guessed');
    const counted = results.filter(({ status }) => status === 'fulfilled').length;
    expect(failedAttempts).toBe(counted);
    expect(counted).toBeLessThanOrEqual(5);
    expect(lockedUntil === null).toBe(counted < 5);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'rate_limited' });
    }
  });

  it('a sign-in does not outlive a password that was changed while it was under way', async () => {
    const { id } = await add('changed');
    const row = await rowOf('changed');
    const late = createIdentity({
      store,
      redis: client,
      sealer,
      oidc: undefined,
      passwords: {
        ...passwords,
        async verify(password, stored) {
          const result = await passwords.verify(password, stored);
          const hash = await hashPassword('the next good password', cost);
          await create().users.change(id, () => ({ password: { hash, mustChange: false }, endSessions: 'all' }));
          return result;
        },
      },
    });
    await expect(late.signIn.withPassword({ username: 'changed', password: PASSWORD }, caller)).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect(await late.sessions.list(id)).toEqual([]);
    expect((await rowOf('changed')).passwordHash).not.toBe(row.passwordHash);
  });

  it('a hash that was made more cheaply is replaced at the next sign-in', async () => {
    await add('upgraded');
    const old = await hashPassword(PASSWORD, { ...cost, memoryKib: 32 });
    await store.db.update(tables.users).set({ passwordHash: old }).where(eq(tables.users.username, 'upgraded'));
    await create().signIn.withPassword({ username: 'upgraded', password: PASSWORD }, caller);
    expect((await rowOf('upgraded')).passwordHash).toContain('m=64,');
    await create().signIn.withPassword({ username: 'upgraded', password: PASSWORD }, caller);
  });

  it('a code and a recovery code are taken once of ten times at once; the secret follows a new master key', async () => {
    const { id } = await add('second-factor');
    const factor = createSecondFactor(store, sealer, Date.now);
    const { secret } = await factor.begin(id);
    const { recoveryCodes } = await factor.confirm(id, totpAt(secret, Date.now() - 30_000));
    const [recovery = ''] = recoveryCodes;
    const user = await rowOf('second-factor');
    for (const code of [totpAt(secret, Date.now() + 30_000), recovery]) {
      const taken = await Promise.all(Array.from({ length: 10 }, () => factor.take(user, code)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
    expect((await rowOf('second-factor')).recoveryHashes).toHaveLength(9);

    const next = createSealer(Buffer.alloc(32, 2));
    expect(user.sealedTotp).not.toContain(secret);
    expect(await rotateSecrets(store, sealer, next)).toBeGreaterThanOrEqual(1);
    let now = Date.now() + 10 * 60_000;
    const moved = createSecondFactor(store, next, () => now);
    expect(await moved.take(await rowOf('second-factor'), totpAt(secret, now))).toBe(true);
    await rotateSecrets(store, next, sealer);
    now += 60_000;
    const back = createSecondFactor(store, sealer, () => now);
    expect(await back.take(await rowOf('second-factor'), totpAt(secret, now))).toBe(true);
  });

  it('a session is looked up once in four seconds, and used once a minute', async () => {
    let now = Date.now();
    const identity = create(() => now);
    const { id } = await add('looked-up');
    const { cookie } = await identity.signIn.withPassword({ username: 'looked-up', password: PASSWORD }, caller);
    const seen = async () =>
      (await store.db.select().from(tables.userSessions)).find(({ user }) => user === id)?.lastSeenAt;
    expect(await identity.sessions.find(cookie)).toMatchObject({ user: id, method: 'password' });
    const before = await seen();
    await store.db.delete(tables.userSessions).where(eq(tables.userSessions.user, id));
    now += 3_999;
    expect(await identity.sessions.find(cookie)).toBeDefined();
    now += 1;
    expect(await identity.sessions.find(cookie)).toBeUndefined();
    expect(before).toBeInstanceOf(Date);
  });
});

describe('the throttle', () => {
  it('counts in one script what many processes see at once', async () => {
    const throttles = Array.from({ length: 3 }, () =>
      createThrottle(client, Date.now, { attempts: 10, windowMs: 60_000 }),
    );
    const tries = Array.from({ length: 30 }, (_, index) => throttles[index % 3]?.countAddress('2001:db8::1'));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    await throttles[0]?.takeBackAddress('2001:db8:0:0:ffff::2');
    await throttles[1]?.takeBackAddress('2001:db8::3');
    // Never below none: nobody saves up.
    for (let more = 0; more < 50; more++) await throttles[0]?.takeBackAddress('198.51.100.1');
    const again = Array.from({ length: 11 }, () => throttles[2]?.countAddress('198.51.100.1'));
    expect((await Promise.allSettled(again)).filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('keeps no name in the open, and nothing for ever', async () => {
    const throttle = createThrottle(client, Date.now);
    for (let attempt = 0; attempt < 5; attempt++) await throttle.countName('a-password-typed-as-a-name');
    await expect(throttle.countName('a-password-typed-as-a-name')).rejects.toMatchObject({ code: 'rate_limited' });
    const keys = await client.keys('parley:*');
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.join()).not.toContain('password');
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
    await throttle.forgetName('a-password-typed-as-a-name');
    await throttle.countName('a-password-typed-as-a-name');
  });
});

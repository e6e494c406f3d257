import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAudit } from '@parley/core/audit';
import { openStore, type Store, tables } from '@parley/core/store';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { denials, TABLES } from '../backup/helpers/database.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startTcpRedis } from '../flow/helpers/tcp-redis.ts';
import { createWorld, startHub, startPostgres, until } from '../support/index.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const cleanup = createCleanup();
const script = (name: string) =>
  readFileSync(new URL(`../../deploy/postgres/${name}`, import.meta.url), 'utf8').replace(/^--.*$/gm, '');
let urlOf: (role: string) => string;
let folder: string;
const masterKey = Buffer.alloc(32, 4).toString('base64');

beforeAll(async () => {
  const postgres = cleanup.add(await startPostgres());
  folder = await mkdtemp(join(tmpdir(), 'parley-roles-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  urlOf = (role) => postgres.url.replace('parley@', `${role}@`).replace('/postgres?', '/hub?');
  const admin = await openStore({ databaseUrl: postgres.url });
  await admin.db.execute(sql`create database hub`);
  await admin.close();
  await runScript('parley', 'roles.sql');
  const migrated = await runCommand(['migrate'], folder, { DATABASE_URL: urlOf('parley_owner') });
  expect(migrated, migrated.stderr).toMatchObject({ code: 0 });
  await runScript('parley_owner', 'grants.sql');
});
afterAll(() => cleanup.run());

async function as<T>(role: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ databaseUrl: urlOf(role) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Several statements at once, as psql would run the file. */
const runScript = (role: string, name: string) => as(role, (store) => store.db.execute(sql.raw(script(name))));

test('the role of the hub may do nothing to the schema, and to the audit log nothing but add', async () => {
  await as('parley_app', async (store) => {
    const audit = createAudit(store);
    await audit.append(denials(3));
    expect(await audit.verify()).toEqual({ records: 3, faults: [] });
    await expect(audit.eraseUser('acme', 'u_1', 'ann')).rejects.toMatchObject({ code: 'forbidden' });
    const forbidden = [
      'drop table audit',
      'alter table turns add column x int',
      'truncate messages',
      'create table mine (x int)',
      'create temporary table mine (x int)',
      'create schema mine',
      'create role mine',
      "update audit set actor = 'nobody'",
      'update audit set detail = null',
      'delete from audit',
      'delete from audit_chains',
      'update ledger set cost_micro_usd = 0',
      'delete from tenants',
      'update backup_notes set at = now()',
      "insert into drizzle.__drizzle_migrations (hash) values ('x')",
      'alter table audit disable trigger all',
      'set role parley_owner',
    ];
    for (const statement of forbidden) {
      const refused = await store.db.execute(sql.raw(statement)).then(
        () => 'allowed',
        (error: Error) => String((error.cause as { code?: string } | undefined)?.code),
      );
      // 42501: insufficient privilege.
      expect({ statement, refused }).toEqual({ statement, refused: '42501' });
    }
  });
});

test('a hub with that role answers, remembers, records and keeps house', async () => {
  const world = cleanup.add(await createWorld());
  const redis = cleanup.add(await startTcpRedis());
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: urlOf('parley_app'),
    PARLEY_MASTER_KEY: masterKey,
    PARLEY_ADMIN_PASSWORD: 'a long password 1',
    HOST: '127.0.0.1',
  };
  const config = world.config();
  const gateway = cleanup.add(await startHub({ role: 'gateway', config, env }));
  const worker = cleanup.add(await startHub({ role: 'worker', config, env }));
  world.connect(gateway.url);
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
  await world.telegram.say({ chat: 'role', text: 'hello under the role' });
  await as('parley_app', ({ db }) =>
    until('the turn in the database', async () => (await db.$count(tables.turns)) === 1),
  );
  // The first administrator signs in: users, sessions and the audit log are written.
  const signedIn = await fetch(`${gateway.url}/api/admin/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: env.PARLEY_ADMIN_PASSWORD }),
  });
  expect(signedIn.status).toBe(200);
  for (const hub of [gateway, worker]) {
    const trouble = hub.logs.filter(({ level }) => level === 'error' || level === 'fatal');
    expect(trouble).toEqual([]);
  }
});

test('another database is made ready for a restore on the same server', async () => {
  await as('parley', (store) => store.db.execute(sql`create database another`));
  const inAnother = urlOf;
  urlOf = (role) => inAnother(role).replace('/hub?', '/another?');
  try {
    await runScript('parley', 'roles.sql');
    const migrated = await runCommand(['migrate'], folder, { DATABASE_URL: urlOf('parley_owner') });
    expect(migrated, migrated.stderr).toMatchObject({ code: 0 });
    await runScript('parley_owner', 'grants.sql');
    await as('parley_app', ({ db }) => db.execute(sql`select count(*) from turns`));
  } finally {
    urlOf = inAnother;
  }
});

test('the owner deletes what is too old, as each tenant wants it', async () => {
  const pruned = await runCommand(['audit', 'prune'], folder, { DATABASE_URL: urlOf('parley_owner') });
  expect(pruned, pruned.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ records deleted/) });
});

test('every table of the hub is named in the grants', () => {
  const text = script('grants.sql');
  expect(TABLES.filter((table) => !new RegExp(`grant [^;]*\\b${table}\\b[^;]* to parley_app`).test(text))).toEqual([]);
});

test('the role of backups reads everything, and the owner restores it', async () => {
  const env = { PARLEY_MASTER_KEY: masterKey, PARLEY_BACKUP_TO: join(folder, 'backups') };
  const saved = await runCommand(['backup'], folder, { ...env, DATABASE_URL: urlOf('parley_backup') });
  // And it may leave its note.
  expect(saved).toMatchObject({ code: 0, stderr: '' });
  const again = await runCommand(['backup'], folder, { ...env, DATABASE_URL: urlOf('parley_backup') });
  expect(again.stdout).toContain(': incremental');
  const refused = await as('parley_backup', ({ db }) =>
    db.execute(sql`insert into model_keys values ('x', 'm', now())`).then(
      () => 'allowed',
      () => 'refused',
    ),
  );
  expect(refused).toBe('refused');
  const restored = await runCommand(['restore', '--force'], folder, { ...env, DATABASE_URL: urlOf('parley_owner') });
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  await runScript('parley_owner', 'grants.sql');
});

import { createAudit } from '@parley/core/audit';
import { createSealer } from '@parley/core/secrets';
import { migrate, openStore, recordTurns, type Store, sealContent, type TurnRecord, tables } from '@parley/core/store';
import { is, sql } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { openEmptyPglite, startPostgres } from '../../support/index.ts';

export const MASTER_KEY = Buffer.alloc(32, 1);
export const sealer = createSealer(MASTER_KEY);

const DAY_MS = 86_400_000;

/** Names of all the hub's tables. */
export const TABLES = Object.values(tables)
  .filter((value) => is(value, PgTable))
  .map((table) => getTableConfig(table).name)
  .sort();

/** Databases with nothing in them, on one server. */
export async function startDatabases() {
  const postgres = await startPostgres();
  const admin = await openStore({ databaseUrl: postgres.url, maxConnections: 1 });
  let count = 0;
  const opened: Store[] = [];
  async function freshUrl(): Promise<string> {
    const name = `db_${++count}`;
    await admin.db.execute(sql.raw(`create database ${name}`));
    return postgres.url.replace('/postgres?', `/${name}?`);
  }
  async function open(dialect: 'postgres' | 'pglite', openPglite = openEmptyPglite): Promise<Store> {
    const store = await (dialect === 'pglite' ? openPglite() : openStore({ databaseUrl: await freshUrl() }));
    opened.push(store);
    return store;
  }
  return {
    freshUrl,
    open,
    /** One that no backup takes for another: embedded ones are copies of one elsewhere. */
    openAnother: (dialect: 'postgres' | 'pglite') => open(dialect, () => openStore({ memory: true })),
    /** One of a hub that has worked: something in every table. */
    async openFilled(dialect: 'postgres' | 'pglite'): Promise<Store> {
      const store = await open(dialect);
      await migrate(store);
      await fillEverything(store);
      return store;
    },
    async stop() {
      for (const store of opened) await store.close();
      await admin.close();
      await postgres.stop();
    },
  };
}

/** Every row of every table as the database prints it, and what the next message would be numbered. */
export async function contentOf(store: Store): Promise<Record<string, string[]>> {
  const content: Record<string, string[]> = {};
  for (const table of TABLES) {
    const result: unknown = await store.db.execute(
      sql`select row_to_json(t)::text as line from ${sql.identifier(table)} t order by 1`,
    );
    content[table] = (result as { rows: { line: string }[] }).rows.map(({ line }) => line);
  }
  const last: unknown = await store.db.execute(sql`select last_value::text as line from messages_id_seq`);
  content.messages_id_seq = (last as { rows: { line: string }[] }).rows.map(({ line }) => line);
  return content;
}

export function turn(id: string, changes: Partial<TurnRecord> = {}): TurnRecord {
  const conversation = changes.conversation ?? 'c1';
  const seal = (text: string) => sealContent(sealer, 'acme', conversation, text);
  return {
    id,
    tenant: 'acme',
    channel: 'tg',
    platform: 'telegram',
    conversation,
    chatKind: 'group',
    user: 'u_1',
    kind: 'model',
    model: 'm',
    status: 'success',
    tokensIn: 10,
    tokensOut: 20,
    costMicroUsd: 5_000_000_000,
    responseMs: 1234,
    attempts: 1,
    createdAt: Date.now() - DAY_MS,
    finishedAt: Date.now() - DAY_MS + 1234,
    question: seal(`question ${id}`),
    answer: seal(`answer ${id} 你好 "quoted" \\ and\nmore`),
    timeline: [{ atMs: 1, what: 'event', detail: { text: 'a\nb "c" \\ 你', n: 1.25, none: null } }],
    ...changes,
  };
}

export const turns = (prefix: string, count: number, changes: Partial<TurnRecord> = {}) =>
  Array.from({ length: count }, (_, index) =>
    turn(`${prefix}-${index}`, { conversation: `c${index % 7}`, ...changes }),
  );

export const denials = (count: number, tenant = 'acme') =>
  Array.from({ length: count }, (_, index) => ({
    tenant,
    actor: `u_${index % 3}`,
    action: 'turn:denied',
    target: `turn-${index}`,
    detail: { reason: 'rate', index },
    at: Date.now() - DAY_MS + index,
  }));

/** Something in every table, and in some of it what is easily lost on the way: great numbers, fractions, nothing, quotes. */
export async function fillEverything(store: Store): Promise<void> {
  await recordTurns(store, turns('t', 300));
  await createAudit(store).append([...denials(120), ...denials(15, 'übung')]);
  const sealed = sealer.seal('{"bot_token":"x"}', 'acme/channel/tg');
  await store.db.execute(sql`
    insert into tenants (tenant, name, source, settings, digest)
      values ('acme', null, 'file', '{"b":1,"a":{"n":12345678901234567890.5,"q":"\\"x\\""}}', 'd')`);
  await store.db.execute(sql`
    insert into channels (id, tenant, platform, sealed, source, settings, digest, active)
      values ('tg', 'acme', 'telegram', ${sealed}, 'console', '{}', 'd', false)`);
  await store.db.execute(sql`
    insert into models (tenant, id, provider, sealed, source, settings, digest)
      values ('*', 'm', 'openai', ${sealed}, 'file', '[1, null, true]', 'd')`);
  await store.db.execute(sql`
    insert into ledger select 'acme', 'r' || n, 'slack', 'u_1', null, 'key', 'm', 'success', 9007199254740993, 1, n, 7, true,
      false, false, now() - make_interval(secs => n) from generate_series(1, 500) n`);
  await store.db.execute(sql`insert into model_keys values ('abcdef01', 'm', now())`);
  await store.db.execute(
    sql`insert into backup_notes values ('full', 'id', '/mnt', now(), now(), 9007199254740993, 1)`,
  );
  await store.db.execute(sql`
    insert into signing_keys values ('kid-1', '{"kty":"OKP"}', ${sealed}, now() - interval '1 day', null)`);
  await store.db.execute(sql`
    insert into api_keys (tenant, id, prefix, hash, scopes, limits, created_at)
      values ('acme', 'k1', 'pk_', 'h', '["chat"]', null, now()), ('acme', 'k2', 'pk_', 'h2', '[]', '{"minute":1}', now())`);
  await store.db.execute(sql`
    insert into config_versions (document, author, comment) values ('{"models":[]}', 'ann', 'one'), ('{}', 'bob', '二')`);
  await store.db.execute(sql`insert into config_active (id, version) values (1, 2)`);
  await store.db.execute(sql`insert into users (id, username, name) values ('u1', 'ann', 'Ann'), ('u2', 'bob', 'Бob')`);
  await store.db.execute(sql`insert into user_roles values ('u1', '*', 'owner'), ('u2', 'acme', 'viewer')`);
  await store.db.execute(sql`
    insert into policies (id, tenant, name, effect, actions, resources, principals)
      values ('p', '*', 'no', 'deny', '["a:b"]', '["*"]', '[]')`);
  await store.db.execute(sql`
    insert into user_sessions values ('ih', 'pub', 'u1', 'password', now(), now(), now() + interval '1 hour', '::1', 'curl')`);
  await store.db.execute(sql`
    insert into access_tokens (id, "user", name, prefix, hash, created_at) values ('at', 'u2', 'ci', 'pat', 'hh', now())`);
}

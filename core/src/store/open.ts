import { mkdir } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { guarded } from './errors.ts';

/** A database or a transaction in it, whichever server stands behind. */
export type Db = PgDatabase<PgQueryResultHKT>;

export interface Store {
  readonly db: Db;
  readonly dialect: 'postgres' | 'pglite';
  /** One round trip; throws `unavailable` when the database cannot be reached. */
  ping(): Promise<void>;
  /** Runs `work` on a connection of its own that has no time limit for statements: for migrations. */
  withoutLimits<Result>(work: (db: Db) => Promise<Result>): Promise<Result>;
  /** How the pool stands; absent where there is none. */
  connections?(): { busy: number; idle: number; waiting: number };
  close(): Promise<void>;
}

export type StoreOptions =
  | {
      databaseUrl: string;
      /** Connections of this process at most. */
      maxConnections?: number;
      /** Told when an idle connection breaks; the pool replaces it by itself. */
      onIdleError?: (error: Error) => void;
    }
  /** Embedded: one process at a time may use the folder. */
  | { pgliteDir: string }
  /** Embedded and gone with the process. */
  | { memory: true };

const CONNECT_LIMIT_MS = 5_000;
const STATEMENT_LIMIT_MS = 15_000;
/** On our side too, for a server that went silent; later than the server's own limit, whose message is better. */
const QUERY_LIMIT_MS = 20_000;
const LOCK_LIMIT_MS = 60_000;
/** Taken whole when it opens. Postgres' own 128 MB cost memory and a tenth of a second; what does not fit the system caches. */
const PGLITE_BUFFERS = '32MB';

/** Opens the database; `migrate` or `assertSchema` comes next. Throws `unavailable` when it cannot be reached. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if ('databaseUrl' in options) return openPostgres(options);
  if ('pgliteDir' in options) await mkdir(options.pgliteDir, { recursive: true, mode: 0o700 });
  return openPglite('pgliteDir' in options ? options.pgliteDir : undefined);
}

async function openPostgres(options: Extract<StoreOptions, { databaseUrl: string }>): Promise<Store> {
  const connection = {
    connectionString: options.databaseUrl,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    keepAlive: true,
    application_name: 'parley',
  };
  const pool = new pg.Pool({
    ...connection,
    max: options.maxConnections ?? 10,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_LIMIT_MS,
    query_timeout: QUERY_LIMIT_MS,
    idle_in_transaction_session_timeout: QUERY_LIMIT_MS,
  });
  // Without a listener a dropped idle connection would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  const db: Db = drizzlePostgres(pool);
  const store: Store = {
    db,
    dialect: 'postgres',
    ping: () => ping(db),
    async withoutLimits(work) {
      const client = new pg.Client({ ...connection, lock_timeout: LOCK_LIMIT_MS });
      client.on('error', (error) => options.onIdleError?.(error));
      try {
        await guarded('connecting', () => client.connect());
        return await work(drizzlePostgres(client));
      } finally {
        await client.end();
      }
    },
    connections: () => ({
      busy: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => pool.end(),
  };
  try {
    await store.ping();
    return store;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Loads the embedded database first: who has a server's never needs it. */
async function openPglite(dataDir: string | undefined): Promise<Store> {
  const [{ PGlite }, { drizzle }] = await Promise.all([import('@electric-sql/pglite'), import('drizzle-orm/pglite')]);
  const client = await PGlite.create({
    ...(dataDir !== undefined && { dataDir }),
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${PGLITE_BUFFERS}`],
  });
  const db: Db = drizzle(client);
  return {
    db,
    dialect: 'pglite',
    ping: () => ping(db),
    withoutLimits: (work) => work(db),
    close: () => client.close(),
  };
}

async function ping(db: Db): Promise<void> {
  await guarded('reaching the database', async () => {
    await db.execute(sql`select 1`);
  });
}

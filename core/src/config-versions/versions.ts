import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { ConfigLayer } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { configActive, configVersions } from '../store/schema.ts';
import { openSecrets, sealSecrets } from './secrets.ts';

export interface VersionInfo {
  version: number;
  author: string;
  comment: string;
  createdAt: Date;
  activatedAt: Date | null;
  basedOn: number | null;
  active: boolean;
}

export interface Version extends VersionInfo {
  /** With its secrets in the clear: for this process only. */
  document: ConfigLayer;
}

/** Which version somebody believes to be active; `null`: none yet. */
export type Expected = number | null;

/** What people changed in the console, version by version. */
export interface ConfigVersions {
  /** One round trip; null before the first one. */
  activeNumber(): Promise<Expected>;
  active(): Promise<Version | undefined>;
  get(version: number): Promise<Version | undefined>;
  /** Newest first, those before a version. */
  list(limit: number, before?: number): Promise<VersionInfo[]>;
  /**
   * Writes a new version, and brings it into force if wanted.
   *
   * @throws ParleyError `precondition_failed` when another version became active meanwhile
   */
  write(next: {
    document: ConfigLayer;
    author: string;
    comment: string;
    activate: boolean;
    expected: Expected;
  }): Promise<number>;
  /** @throws ParleyError `not_found`, `precondition_failed` */
  activate(version: number, expected: Expected): Promise<void>;
}

const ONLY = 1;
/** Versions that are kept; older ones that are not active go. */
const KEPT_VERSIONS = 1000;

export function createConfigVersions(store: Store, sealer: Sealer): ConfigVersions {
  const { db } = store;

  async function info(row: typeof configVersions.$inferSelect, active: Expected): Promise<Version> {
    return { ...row, active: row.version === active, document: openSecrets(row.document as ConfigLayer, sealer) };
  }

  const activeNumber = () => guarded('reading the active configuration', () => readActive(db));

  async function get(version: number): Promise<Version | undefined> {
    const active = await activeNumber();
    const [row] = await guarded('reading a configuration', () =>
      db.select().from(configVersions).where(eq(configVersions.version, version)),
    );
    return row && info(row, active);
  }

  return {
    activeNumber,
    get,
    async active() {
      const version = await activeNumber();
      return version === null ? undefined : get(version);
    },
    async list(limit, before) {
      const active = await activeNumber();
      const rows = await guarded('listing configurations', () =>
        db
          .select({
            version: configVersions.version,
            author: configVersions.author,
            comment: configVersions.comment,
            createdAt: configVersions.createdAt,
            activatedAt: configVersions.activatedAt,
            basedOn: configVersions.basedOn,
          })
          .from(configVersions)
          .where(before === undefined ? undefined : lt(configVersions.version, before))
          .orderBy(desc(configVersions.version))
          .limit(limit),
      );
      return rows.map((row) => ({ ...row, active: row.version === active }));
    },
    write: ({ document, author, comment, activate, expected }) =>
      inTurn(store, expected, async (tx) => {
        const values = { document: { ...sealSecrets(document, sealer) }, author, comment, basedOn: expected };
        const [row] = await tx.insert(configVersions).values(values).returning({ version: configVersions.version });
        if (!row) throw new ParleyError('internal', 'a version was written and is not there');
        if (activate) await setActive(tx, row.version);
        const oldest = row.version - KEPT_VERSIONS;
        const activeNow = activate ? row.version : expected;
        const old = and(lt(configVersions.version, oldest), sql`${configVersions.version} <> ${activeNow ?? 0}`);
        await tx.delete(configVersions).where(old);
        return row.version;
      }),
    activate: (version, expected) =>
      inTurn(store, expected, async (tx) => {
        const [row] = await tx
          .select({ version: configVersions.version })
          .from(configVersions)
          .where(eq(configVersions.version, version));
        if (!row) throw new ParleyError('not_found', `there is no version ${version}`);
        await setActive(tx, version);
      }),
  };
}

async function readActive(db: Db): Promise<Expected> {
  const [row] = await db.select({ version: configActive.version }).from(configActive).where(eq(configActive.id, ONLY));
  return row?.version ?? null;
}

/** One change after the other, each only on the version its author saw. */
function inTurn<T>(store: Store, expected: Expected, work: (tx: Db) => Promise<T>): Promise<T> {
  return guarded('changing the configuration', () =>
    store.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('parley config versions'))`);
      if ((await readActive(tx)) !== expected) {
        throw new ParleyError('precondition_failed', 'Somebody changed the configuration meanwhile');
      }
      return work(tx);
    }),
  );
}

async function setActive(tx: Db, version: number): Promise<void> {
  await tx
    .insert(configActive)
    .values({ id: ONLY, version })
    .onConflictDoUpdate({ target: configActive.id, set: { version, updatedAt: sql`now()` } });
  await tx.update(configVersions).set({ activatedAt: sql`now()` }).where(eq(configVersions.version, version));
}

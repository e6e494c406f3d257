import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { guarded } from '../store/errors.ts';
import { assertSchema, type Db, SCHEMA_VERSION, type Store } from '../store/index.ts';
import { chainOf, type FoundBackup, listBackups } from './chain.ts';
import { type Shelf, writeLines } from './files.ts';
import type { BackupKey } from './key.ts';
import { type KnownManifest, MANIFEST_FILE, type Manifest, printManifest, type TableEntry } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import {
  canTellSince,
  countRows,
  readMasterKeys,
  readRows,
  readSequences,
  readSnapshot,
  type Snapshot,
} from './snapshot.ts';
import { type BackedUpTable, tablesInOrder } from './tables.ts';

export interface CreateBackupOptions {
  store: Store;
  place: BackupPlace;
  key: BackupKey;
  /** Everything, whatever there is to build on. */
  full?: boolean;
  /** The text of the operator's configuration file. */
  configuration?: string | undefined;
  /** Gives up between two reads; what was written of it is no backup. */
  signal?: AbortSignal | undefined;
  now?: () => number;
}

export interface CreatedBackup extends KnownManifest {
  /** Why it is a full one. */
  reason?: FullReason | undefined;
  bytes: number;
}

/** Why a backup holds everything and not only what is new. */
export type FullReason = 'asked' | 'first' | 'long chain' | 'other database' | 'other schema';

/** A restore reads all of a chain, and loses all that follows a part that is lost. */
const MAX_CHAIN = 7;

/**
 * Writes a backup of all the hub's tables as they are at one moment, while the hub works on. It counts once its manifest
 * is there, which comes last.
 */
export async function createBackup(options: CreateBackupOptions): Promise<CreatedBackup> {
  const { store, place, key, configuration, now = Date.now } = options;
  await assertSchema(store);
  const found = await listBackups(place, key);
  return guarded('backing up', () =>
    store.withoutLimits((db) =>
      db.transaction(
        async (tx) => {
          const snapshot = await readSnapshot(tx);
          const { base, reason } = chooseBase(found, snapshot, options.full === true);
          const kind = base ? 'incremental' : 'full';
          const id = `${snapshot.takenAt.replaceAll(/[-:]/g, '')}-${kind}-${randomBytes(2).toString('hex')}`;
          const shelf = { place, key, folder: id, salt: randomBytes(32).toString('base64') };
          const tables: TableEntry[] = [];
          for (const table of tablesInOrder()) tables.push(await writeTable(tx, shelf, table, base, options.signal));
          const manifest: Manifest = {
            format: 1,
            id,
            kind,
            ...(base && { parent: { id: base.id, mac: base.mac } }),
            takenAt: snapshot.takenAt,
            finishedAt: new Date(now()).toISOString(),
            schemaVersion: SCHEMA_VERSION,
            database: { dialect: store.dialect, identity: snapshot.identity, xmin: String(snapshot.xmin) },
            key: { id: key.id, source: key.source, salt: shelf.salt },
            masterKeys: await readMasterKeys(tx),
            tables,
            sequences: await readSequences(
              tx,
              tables.map(({ name }) => name),
            ),
            ...(configuration !== undefined && {
              configuration: await writeLines(shelf, 'configuration', [[JSON.stringify(configuration)]]),
            }),
          };
          const { bytes, mac } = printManifest(manifest, key);
          await place.write(id, MANIFEST_FILE, bytes);
          return { ...manifest, mac, reason, bytes: sizeOf(manifest) + bytes.length };
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      ),
    ),
  );
}

/** The newest backup of this very database, unless there is a reason to write everything. */
function chooseBase(
  found: readonly FoundBackup[],
  snapshot: Snapshot,
  isFullAsked: boolean,
): { base?: KnownManifest; reason?: FullReason } {
  if (isFullAsked) return { reason: 'asked' };
  const newest = found.findLast(({ manifest }) => manifest)?.manifest;
  if (!newest) return { reason: 'first' };
  const { identity, xmin } = newest.database;
  if (identity !== snapshot.identity || !canTellSince(snapshot, BigInt(xmin))) return { reason: 'other database' };
  if (newest.schemaVersion !== SCHEMA_VERSION) return { reason: 'other schema' };
  const chain = wholeChain(found, newest.id);
  return !chain || chain.length >= MAX_CHAIN ? { reason: 'long chain' } : { base: newest };
}

/** Undefined where a link is missing: nothing more must hang on that. */
function wholeChain(found: readonly FoundBackup[], id: string): KnownManifest[] | undefined {
  try {
    return chainOf(found, id);
  } catch {
    return undefined;
  }
}

async function writeTable(
  tx: Db,
  shelf: Shelf,
  { name, key }: BackedUpTable,
  base: KnownManifest | undefined,
  signal: AbortSignal | undefined,
): Promise<TableEntry> {
  const since = base && BigInt(base.database.xmin);
  const orderBy = name === 'audit' ? AUDIT_ORDER : undefined;
  const rows = await writeLines(shelf, name, readRows(tx, name, { since, orderBy, signal }));
  const total = await countRows(tx, name);
  const before = base?.tables.find((table) => table.name === name)?.total ?? 0;
  // As many as before and those that came: then none is gone, and none was changed.
  if (!base || total === before + rows.lines) return { name, key, total, rows };
  return {
    name,
    key,
    total,
    rows,
    keys: await writeLines(shelf, `${name}.keys`, readRows(tx, name, { columns: key, signal })),
  };
}

/** Its chains are followed when a backup is verified. By bytes, so that any database and JavaScript agree. */
const AUDIT_ORDER = sql`t.tenant collate "C", t.seq`;

/** Bytes of all its parts. */
export function sizeOf({ tables, configuration }: Manifest): number {
  const files = [...tables.flatMap(({ rows, keys }) => [rows, keys]), configuration];
  return files.reduce((sum, file) => sum + (file?.parts.reduce((all, part) => all + part, 0) ?? 0), 0);
}

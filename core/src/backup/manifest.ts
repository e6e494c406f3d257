import { z } from 'zod';
import { ParleyError } from '../errors/index.ts';
import type { BackupKey } from './key.ts';

/** Written last: a backup without one was interrupted and is none. */
export const MANIFEST_FILE = 'manifest.json';

const count = z.int().nonnegative();

/** Lines of text, compressed, cut into sealed parts: their sizes in bytes. */
const storedFile = z.object({ lines: count, parts: z.array(count).min(1).max(1_000_000) });
export type StoredFile = z.infer<typeof storedFile>;

const tableEntry = z.object({
  name: z.string().regex(/^[a-z_]{1,63}$/),
  /** The columns of the primary key. */
  key: z.array(z.string().regex(/^[a-z_]{1,63}$/)).min(1),
  /** Rows of the table at that moment, in this backup or in those before it. */
  total: count,
  /** Rows that this backup holds: all, or those that were written since its parent. */
  rows: storedFile,
  /** In an incremental one, if rows are gone or were changed: the keys of all rows that there are. */
  keys: storedFile.optional(),
});
export type TableEntry = z.infer<typeof tableEntry>;

const manifestSchema = z.object({
  format: z.literal(1),
  id: z.string().regex(/^[\w.-]{1,80}$/),
  kind: z.enum(['full', 'incremental']),
  /** What an incremental one builds on. */
  parent: z.object({ id: z.string(), mac: z.string() }).optional(),
  /** The moment that the backup shows, and when it was complete. ISO 8601. */
  takenAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  schemaVersion: count,
  database: z.object({
    dialect: z.enum(['postgres', 'pglite']),
    /** Differs between databases, and between lives of one. */
    identity: z.string(),
    /** Every transaction before this one is in the backup. */
    xmin: z.string().regex(/^\d+$/),
  }),
  key: z.object({ id: z.string(), source: z.enum(['master', 'own']), salt: z.string() }),
  /** Names of the master keys under which secrets in it are sealed. */
  masterKeys: z.array(z.string()),
  /** In an order in which they can be filled: what is referred to comes first. */
  tables: z.array(tableEntry),
  /** Where `TABLE.COLUMN` has got to. */
  sequences: z.record(z.string(), z.string().regex(/^\d+$/)),
  /** The operator's configuration file. */
  configuration: storedFile.optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest as it was found, with what its children name it by. */
export interface KnownManifest extends Manifest {
  mac: string;
}

export function printManifest(manifest: Manifest, key: BackupKey): { bytes: Buffer; mac: string } {
  const mac = key.mac(JSON.stringify(manifest), manifest.key.salt);
  return { bytes: Buffer.from(`${JSON.stringify({ manifest, mac }, null, 1)}\n`), mac };
}

/**
 * @param folder where it was found: it must not have been moved
 * @throws ParleyError `forbidden` for another key, `invalid_request` for one that was altered
 */
export function parseManifest(bytes: Buffer, folder: string, key: BackupKey): KnownManifest {
  const { manifest: raw, mac } = readEnvelope(bytes, folder);
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) throw damaged(folder, 'is not one that this hub can read');
  const manifest = parsed.data;
  if (manifest.key.id !== key.id) {
    const { id, source } = manifest.key;
    const where = source === 'own' ? 'PARLEY_BACKUP_KEY' : 'PARLEY_MASTER_KEY (or master.key in the data folder)';
    throw new ParleyError(
      'forbidden',
      `Backup ${folder} was made under backup key ${id}, and this is ${key.id}: it needs the ${where} that was in force then${source === 'master' && key.source === 'own' ? ', and no PARLEY_BACKUP_KEY' : ''}`,
    );
  }
  if (!key.isMac(JSON.stringify(raw), manifest.key.salt, mac)) throw damaged(folder, 'was altered');
  if (manifest.id !== folder) throw damaged(folder, `belongs to ${manifest.id}`);
  return { ...manifest, mac };
}

function readEnvelope(bytes: Buffer, folder: string): { manifest: unknown; mac: string } {
  try {
    const { manifest, mac } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    if (typeof mac === 'string') return { manifest, mac };
  } catch {
    // told below
  }
  throw damaged(folder, 'cannot be read');
}

const damaged = (folder: string, what: string) =>
  new ParleyError('invalid_request', `Backup ${folder}: its ${MANIFEST_FILE} ${what}`);

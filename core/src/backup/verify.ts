import { type StoredChain, type StoredRecord, verifyAuditChains } from './audit-chain.ts';
import { readLines, type Shelf } from './files.ts';
import type { BackupKey } from './key.ts';
import type { KnownManifest, StoredFile } from './manifest.ts';
import type { BackupPlace } from './place.ts';

export interface VerifiedBackup {
  /** The backup itself first, then those it builds on. */
  backups: string[];
  rows: number;
  bytes: number;
  auditRecords: number;
  /** What does not hold in the audit log; the backup itself is whole. */
  auditFaults: string[];
}

/** What a backup's parts are read with. */
export function shelfOf(place: BackupPlace, key: BackupKey, manifest: KnownManifest): Shelf {
  return { place, key, folder: manifest.id, salt: manifest.key.salt };
}

/**
 * Reads a backup and all that it builds on back, to the last byte: every part opens and is where it belongs, there are
 * as many rows as were written, and the chains of the audit log hold.
 *
 * @param chain as `chainOf` gives it
 * @throws ParleyError `invalid_request` that names the first part which is missing, cut off or altered
 */
export async function verifyBackup(
  place: BackupPlace,
  key: BackupKey,
  chain: readonly KnownManifest[],
): Promise<VerifiedBackup> {
  let [rows, bytes] = [0, 0];
  const read = async (shelf: Shelf, name: string, file: StoredFile) => {
    for await (const batch of readLines(shelf, name, file)) for (const line of batch) JSON.parse(line);
    bytes += file.parts.reduce((sum, part) => sum + part, 0);
  };
  for (const manifest of chain) {
    const shelf = shelfOf(place, key, manifest);
    for (const { name, rows: file, keys } of manifest.tables) {
      await read(shelf, name, file);
      rows += file.lines;
      if (keys) await read(shelf, `${name}.keys`, keys);
    }
    if (manifest.configuration) await read(shelf, 'configuration', manifest.configuration);
  }
  const { records, faults } = await verifyAudit(place, key, chain);
  return { backups: chain.map(({ id }) => id), rows, bytes, auditRecords: records, auditFaults: faults };
}

async function verifyAudit(place: BackupPlace, key: BackupKey, chain: readonly KnownManifest[]) {
  const rowsOf = (manifest: KnownManifest, table: string) => {
    const file = manifest.tables.find(({ name }) => name === table)?.rows;
    return file ? parsed(readLines(shelfOf(place, key, manifest), table, file)) : parsed([]);
  };
  const chains = new Map<string, StoredChain>();
  for (const manifest of chain) {
    for await (const row of rowsOf(manifest, 'audit_chains')) {
      const stored = row as unknown as StoredChain;
      if (!chains.has(stored.tenant)) chains.set(stored.tenant, stored);
    }
  }
  return verifyAuditChains(
    chain.map((manifest) => records(rowsOf(manifest, 'audit'))),
    chains,
  );
}

async function* records(rows: AsyncIterable<Record<string, unknown>>): AsyncGenerator<StoredRecord> {
  for await (const { detail_hash: detailHash, previous_hash: previousHash, ...row } of rows) {
    yield { ...row, detailHash, previousHash } as StoredRecord;
  }
}

async function* parsed(
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const batch of batches) for (const line of batch) yield JSON.parse(line);
}

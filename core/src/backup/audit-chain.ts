import { type AuditRecord, faultOf } from '../audit/record.ts';

/** A record as its backup has it. */
export type StoredRecord = Omit<AuditRecord, 'at'> & { at: string };

/** Where a tenant's chain begins and ends, as the database has it. */
export interface StoredChain {
  tenant: string;
  last_seq: number;
  last_hash: string;
  anchor_seq: number;
  anchor_hash: string;
}

/**
 * Follows the hashes of every chain, as `parley audit verify` does, without a database.
 *
 * @param sources records of each backup in order of tenant (by bytes) and number, the newest backup first: of two with one number the
 *   newer backup's counts, because a person's words may have been erased in between
 * @returns how many records hold, and the first broken one of each chain
 */
export async function verifyAuditChains(
  sources: readonly AsyncIterable<StoredRecord>[],
  chains: ReadonlyMap<string, StoredChain>,
): Promise<{ records: number; faults: string[] }> {
  const ends = new Map(
    [...chains].map(([tenant, chain]) => [tenant, { seq: chain.anchor_seq, hash: chain.anchor_hash }]),
  );
  const faults = new Map<string, string>();
  let records = 0;
  for await (const { at, ...stored } of mergeRecords(sources)) {
    const { tenant, seq } = stored;
    const end = ends.get(tenant);
    if (faults.has(tenant)) continue;
    if (!end) {
      faults.set(tenant, `record ${seq} belongs to no chain`);
      continue;
    }
    // Deleted by age since the backup that has it.
    if (seq <= (chains.get(tenant)?.anchor_seq ?? 0)) continue;
    const fault = faultOf({ ...stored, at: new Date(at) }, end.seq + 1, end.hash);
    if (fault) faults.set(tenant, `record ${end.seq + 1} is broken: ${fault}`);
    [end.seq, end.hash, records] = [seq, stored.hash, records + 1];
  }
  for (const [tenant, { last_seq: seq, last_hash: hash }] of chains) {
    const end = ends.get(tenant);
    if (faults.has(tenant) || (end?.seq === seq && end.hash === hash)) continue;
    faults.set(tenant, `record ${(end?.seq ?? 0) + 1} is missing at the end`);
  }
  return { records, faults: [...faults].map(([tenant, fault]) => `${tenant}: ${fault}`) };
}

/** One sequence of several that are sorted; of equal records the first source's. */
async function* mergeRecords(sources: readonly AsyncIterable<StoredRecord>[]): AsyncGenerator<StoredRecord> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
  for (;;) {
    let least: StoredRecord | undefined;
    for (const { done, value } of heads) {
      if (!done && (!least || compare(value, least) < 0)) least = value;
    }
    if (!least) return;
    yield least;
    for (const [index, { done, value }] of heads.entries()) {
      const iterator = iterators[index];
      if (!done && iterator && compare(value, least) === 0) heads[index] = await iterator.next();
    }
  }
}

function compare(a: StoredRecord, b: StoredRecord): number {
  return Buffer.compare(Buffer.from(a.tenant), Buffer.from(b.tenant)) || a.seq - b.seq;
}

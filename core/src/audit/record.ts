import { createHash, randomBytes } from 'node:crypto';

/** What somebody did, or what was denied. */
export interface AuditEntry {
  tenant: string;
  /** Who: an administrator, a user's pseudonym, or the hub itself. */
  actor: string;
  /** Such as `turn:denied` or `channel:write`. */
  action: string;
  /** What it was done to. */
  target: string;
  /** What changed, or why. Can be erased later; the chain holds without it. No secrets. */
  detail?: Record<string, unknown> | undefined;
  /** Unix ms. */
  at: number;
}

/** A record as it is stored. */
export interface AuditRecord {
  tenant: string;
  seq: number;
  at: Date;
  actor: string;
  action: string;
  target: string;
  detail: string | null;
  salt: string | null;
  detailHash: string;
  previousHash: string;
  hash: string;
}

/** The hash before the first record. */
export const GENESIS = '0'.repeat(64);

export function makeRecord(entry: AuditEntry, seq: number, previousHash: string): AuditRecord {
  const detail = entry.detail === undefined ? null : JSON.stringify(entry.detail);
  // Without the salt an erased detail could be guessed from its hash.
  const salt = randomBytes(16).toString('hex');
  const { tenant, actor, action, target } = entry;
  const record = { tenant, seq, at: new Date(entry.at), actor, action, target, detail, salt, previousHash };
  const detailHash = hashOfDetail(salt, detail);
  return { ...record, detailHash, hash: hashOf({ ...record, detailHash }) };
}

/** What is wrong with a record that should follow `previousHash`; undefined: nothing. */
export function faultOf(record: AuditRecord, seq: number, previousHash: string): string | undefined {
  if (record.seq !== seq) return `record ${seq} is missing`;
  if (record.previousHash !== previousHash) return 'it does not follow the record before it';
  if (record.hash !== hashOf(record)) return 'it was changed';
  // Both are gone after an erasure; one alone never is.
  if (record.salt === null) return record.detail === null ? undefined : 'its detail was changed';
  return record.detailHash === hashOfDetail(record.salt, record.detail) ? undefined : 'its detail was changed';
}

function hashOf({
  tenant,
  seq,
  at,
  actor,
  action,
  target,
  detailHash,
  previousHash,
}: Omit<AuditRecord, 'hash'>): string {
  return sha256(JSON.stringify([tenant, seq, at.toISOString(), actor, action, target, detailHash, previousHash]));
}

const hashOfDetail = (salt: string, detail: string | null) => sha256(`${salt}\n${detail ?? ''}`);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

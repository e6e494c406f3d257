import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type BackupKey,
  type BackupPlace,
  chainOf,
  chooseBackup,
  type FullReason,
  listBackups,
  sizeOf,
  verifyBackup,
} from '@parley/core/backup';
import { type Environment, loadSettings } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { BackupNote } from '@parley/core/store';
import { askHub } from '../embedded/hub-socket.ts';
import { withBackups } from './backup-place.ts';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';
import { noteFaultOf, type SavedBackup, saveBackup, savedBackup } from './save-backup.ts';

const REASONS: Readonly<Record<FullReason, string>> = {
  asked: 'as asked',
  first: 'the first one here',
  'long chain': 'the chain was long enough',
  'other database': 'the last one is of another database, or of another life of this one',
  'other schema': 'the schema has changed since',
};

/** `parley backup …`: saves the database, and looks after what was saved. */
export const backup: RunCommand = async ({ args, env }) => {
  const asked = readArguments(args);
  if (!asked) return misused('backup', env);
  return withBackups(env, asked.to, (place, key, where) => {
    if (asked.action === 'list') return list(place, key, asked.json === true);
    if (asked.action === 'verify') return verify(env, place, key, asked);
    return save(env, place, key, { ...asked, to: where });
  });
};

async function save(env: Environment, place: BackupPlace, key: BackupKey, asked: Asked): Promise<number> {
  const { full = false, keep } = asked;
  const byHub = await askRunningHub(env, 'backup', { to: absolute(asked.to ?? ''), full, keep, keyId: key.id });
  const saved = byHub
    ? savedBackup.parse(byHub.result)
    : await withStore(env, (store, { configFile }) => saveBackup({ store, place, key, full, keep, configFile }));
  tellSaved(saved);
  return 0;
}

/** The embedded database is open to the hub alone, so the hub does it. Undefined: none runs, or its database is no embedded one. */
async function askRunningHub(env: Environment, name: string, body: unknown) {
  const { databaseUrl, dataDir } = loadSettings(env, 'command');
  return databaseUrl ? undefined : askHub(dataDir, name, body);
}

/** The hub may have been started in another folder. */
const absolute = (where: string) => (where.includes('://') ? where : resolve(where));

function tellSaved({ id, kind, reason, rows, bytes, place, key, removed, noteFault }: SavedBackup): void {
  const why = reason ? ` (${REASONS[reason]})` : '';
  process.stdout.write(`${id}: ${kind}${why}, ${rows} rows, ${megabytes(bytes)} in ${place}\n`);
  process.stdout.write(`It opens with backup key ${key.id}, ${sourceOf(key)}.\n`);
  if (removed.length > 0) process.stdout.write(`removed: ${removed.join(', ')}\n`);
  tellUnnoted(noteFault);
}

/** It is no failure of the backup; but the hub's alert will say that none was made. */
function tellUnnoted(fault: string | undefined): void {
  if (fault !== undefined) process.stderr.write(`The hub does not know of it: ${fault}\n`);
}

const sourceOf = ({ source }: SavedBackup['key']) =>
  source === 'own' ? 'which is PARLEY_BACKUP_KEY' : 'which comes from the master key';

async function list(place: BackupPlace, key: BackupKey, asJson: boolean): Promise<number> {
  const found = (await listBackups(place, key)).map(({ id, manifest, fault }) => ({
    id,
    state: fault?.kind ?? 'complete',
    kind: manifest?.kind,
    parent: manifest?.parent?.id,
    takenAt: manifest?.takenAt,
    schemaVersion: manifest?.schemaVersion,
    rows: manifest?.tables.reduce((sum, table) => sum + table.total, 0),
    bytes: manifest && sizeOf(manifest),
    fault: fault?.message,
  }));
  for (const one of found) {
    const { id, state, rows = 0, bytes = 0, parent, fault } = one;
    if (asJson) process.stdout.write(`${JSON.stringify(one)}\n`);
    else if (fault) process.stdout.write(`${id}  ${state}: ${fault}\n`);
    else process.stdout.write(`${id}  ${rows} rows, ${megabytes(bytes)}${parent ? `, after ${parent}` : ''}\n`);
  }
  if (found.length === 0 && !asJson) process.stdout.write(`There are no backups in ${place.name}\n`);
  return 0;
}

async function verify(env: Environment, place: BackupPlace, key: BackupKey, { id, at }: Asked): Promise<number> {
  const found = await listBackups(place, key);
  const chain = chainOf(found, chooseBackup(found, { id, at }).id);
  const { backups, rows, bytes, auditRecords, auditFaults } = await verifyBackup(place, key, chain);
  process.stdout.write(`${backups.join(' after ')}: whole, ${rows} rows, ${megabytes(bytes)}\n`);
  for (const fault of auditFaults) process.stdout.write(`audit log of ${fault}\n`);
  if (auditFaults.length === 0) process.stdout.write(`${auditRecords} audit records hold\n`);
  if (auditFaults.length > 0) return 1;
  const [newest] = chain;
  if (newest) {
    const { id: backup, takenAt } = newest;
    const note = { backup, place: place.name, takenAt: new Date(takenAt), at: new Date(), rows, bytes };
    tellUnnoted(await noteVerified(env, { event: 'verified', ...note }));
  }
  return 0;
}

/** Where the hub's database is at hand; backups are read back on other machines, too. */
async function noteVerified(env: Environment, note: BackupNote): Promise<string | undefined> {
  const { databaseUrl, dataDir } = loadSettings(env, 'command');
  if (!databaseUrl && !existsSync(`${dataDir}/postgres`)) return undefined;
  try {
    if (await askRunningHub(env, 'verified', note)) return undefined;
    return await withStore(env, (store) => noteFaultOf(store, note));
  } catch (error) {
    if (error instanceof ParleyError) return error.message;
    throw error;
  }
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(2)} MB`;

interface Asked {
  action: 'save' | 'list' | 'verify';
  to?: string | undefined;
  full?: boolean | undefined;
  json?: boolean | undefined;
  keep?: number | undefined;
  id?: string | undefined;
  /** Unix ms. */
  at?: number | undefined;
}

function readArguments(args: string[]): Asked | undefined {
  const options = {
    to: { type: 'string' },
    full: { type: 'boolean' },
    keep: { type: 'string' },
    json: { type: 'boolean' },
    backup: { type: 'string' },
    'to-time': { type: 'string' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [action = 'save', ...rest] = positionals;
    if ((action !== 'save' && action !== 'list' && action !== 'verify') || rest.length > 0) return undefined;
    const allowed = { save: ['to', 'full', 'keep'], list: ['to', 'json'], verify: ['to', 'backup', 'to-time'] }[action];
    if (Object.keys(values).some((name) => !allowed.includes(name))) return undefined;
    const keep = values.keep === undefined ? undefined : Number(values.keep);
    const at = values['to-time'] === undefined ? undefined : Date.parse(values['to-time']);
    if (keep !== undefined && !(Number.isInteger(keep) && keep >= 1)) return undefined;
    if (at !== undefined && (Number.isNaN(at) || values.backup !== undefined)) return undefined;
    return { action, to: values.to, full: values.full, json: values.json, keep, id: values.backup, at };
  } catch {
    return undefined; // an option that does not exist, or one without its value
  }
}

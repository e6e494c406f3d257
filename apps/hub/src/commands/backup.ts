import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  type BackupKey,
  type BackupPlace,
  chainOf,
  chooseBackup,
  createBackup,
  type FullReason,
  listBackups,
  removeOldBackups,
  sizeOf,
  verifyBackup,
} from '@parley/core/backup';
import type { Environment } from '@parley/core/config';
import { withBackups } from './backup-place.ts';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

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
  return withBackups(env, asked.to, (place, key) => {
    if (asked.action === 'list') return list(place, key, asked.json === true);
    if (asked.action === 'verify') return verify(place, key, asked);
    return save(env, place, key, asked);
  });
};

async function save(env: Environment, place: BackupPlace, key: BackupKey, { full, keep }: Asked): Promise<number> {
  const made = await withStore(env, async (store, { configFile }) =>
    createBackup({
      store,
      place,
      key,
      full: full === true,
      configuration: configFile === undefined ? undefined : await readFile(configFile, 'utf8'),
    }),
  );
  const rows = made.tables.reduce((sum, table) => sum + table.rows.lines, 0);
  const why = made.reason ? ` (${REASONS[made.reason]})` : '';
  process.stdout.write(`${made.id}: ${made.kind}${why}, ${rows} rows, ${megabytes(made.bytes)} in ${place.name}\n`);
  process.stdout.write(`It opens with backup key ${key.id}, ${sourceOf(key)}.\n`);
  if (keep === undefined) return 0;
  const gone = await removeOldBackups(place, key, keep);
  if (gone.length > 0) process.stdout.write(`removed: ${gone.join(', ')}\n`);
  return 0;
}

const sourceOf = ({ source }: BackupKey) =>
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

async function verify(place: BackupPlace, key: BackupKey, { id, at }: Asked): Promise<number> {
  const found = await listBackups(place, key);
  const chain = chainOf(found, chooseBackup(found, { id, at }).id);
  const { backups, rows, bytes, auditRecords, auditFaults } = await verifyBackup(place, key, chain);
  process.stdout.write(`${backups.join(' after ')}: whole, ${rows} rows, ${megabytes(bytes)}\n`);
  for (const fault of auditFaults) process.stdout.write(`audit log of ${fault}\n`);
  if (auditFaults.length === 0) process.stdout.write(`${auditRecords} audit records hold\n`);
  return auditFaults.length === 0 ? 0 : 1;
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

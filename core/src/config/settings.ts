import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { ParleyError } from '../errors/index.ts';
import { parseMasterKey } from '../secrets/index.ts';
import type { Environment } from './interpolate.ts';
import { type ConfigIssue, describeIssues } from './issues.ts';
import { isIssuerUrl, isLoopback, type OidcSettings, parseOidcRoles } from './oidc.ts';
import { readTracing, type TracingSettings } from './tracing.ts';

/** Which part of the hub runs; `command` is any of the short-lived ones (migrate, check, doctor, …). */
export type Role = 'start' | 'gateway' | 'worker' | 'command';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything a process takes from its environment, besides the configuration. */
export interface Settings {
  role: Role;
  port: number;
  host: string;
  /** Absent: the embedded Redis / PGlite (never in the roles gateway and worker). May contain a password. */
  redisUrl: string | undefined;
  databaseUrl: string | undefined;
  /** Replicas of Redis that must have a message before its platform is told 200. */
  redisWaitReplicas: number;
  /** Absent: the quick start from environment variables. */
  configFile: string | undefined;
  dataDir: string;
  /** Base64; `loadMasterKey` decodes it or falls back to the data folder. */
  masterKey: string | undefined;
  /** Another master key whose secrets open as well, while keys are changed; base64. */
  otherMasterKey: string | undefined;
  /** Where backups go: a folder or `s3://BUCKET/PREFIX`; absent: a command has to say. */
  backupTo: string | undefined;
  /** How old the last backup may be before somebody is told; 0: nobody wants to know. */
  backupMaxAgeHours: number;
  /** Whether somebody is told, too, when there has never been a backup. */
  isBackupExpected: boolean;
  /** What backups are encrypted under, base64; absent: a key derived from the master key. */
  backupKey: string | undefined;
  adminPassword: string | undefined;
  /** Sign-in through an identity provider; absent: with passwords only. */
  oidc: OidcSettings | undefined;
  /** Without a slash at the end. */
  publicUrl: string | undefined;
  workerConcurrency: number;
  drainSeconds: number;
  logLevel: LogLevel;
  /** Where a worker's health and metrics listen; absent: nowhere. */
  workerPort: number | undefined;
  /** Waiting messages in the whole hub, and in one conversation, from which on more are turned away. */
  maxBacklog: number;
  maxMailbox: number;
  /** Addresses and networks of proxies whose word about the caller's address is believed. */
  trustedProxies: string[];
  /** What Alertmanager shows in order to post into a chat; absent: it may not. */
  alertmanagerToken: string | undefined;
  /** Memory of one process for cached answers, in megabytes. */
  cacheMb: number;
  /** Simulated platforms to try the hub in may be started; only in the role `start`. */
  sandbox: boolean;
  /** Whether addresses of the own network may be entered in the console. */
  allowPrivateUrls: boolean;
  /** Absent: no traces. */
  tracing: TracingSettings | undefined;
}

const DEFAULT_CONFIG_FILE = 'parley.yaml';
const REDIS_URL = /^(rediss?(\+(sentinel|cluster))?:\/\/\S+|unix:\/\/\/\S+|[^\s:/,]+:\d+(,[^\s:/,]+:\d+)*)$/;

/**
 * The process's settings, read once. Throws `invalid_config` that names every wrong variable and shows no value. Empty
 * variables count as unset.
 */
export function loadSettings(env: Environment, role: Role = 'start'): Settings {
  const read = reader(env);
  const shared = role === 'gateway' || role === 'worker';
  const publicUrl = read.publicUrl('PARLEY_PUBLIC_URL');
  // Whoever runs a hub for others does not want channels in it that nobody made.
  const isForTrying = read.text('NODE_ENV') !== 'production' && publicUrl === undefined;
  const settings: Settings = {
    role,
    port: read.integer('PORT', 8080, 0, 65_535),
    host: read.text('HOST') ?? (role === 'gateway' ? '0.0.0.0' : '127.0.0.1'),
    redisUrl: read.matching('REDIS_URL', REDIS_URL, 'a redis://, rediss://, redis+sentinel:// or unix:// URL', shared),
    databaseUrl: read.matching('DATABASE_URL', /^postgres(ql)?:\/\/\S+$/, 'a postgres:// URL', shared),
    redisWaitReplicas: read.integer('PARLEY_REDIS_WAIT_REPLICAS', 0, 0, 5),
    configFile: read.text('PARLEY_CONFIG') ?? (existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined),
    dataDir: read.text('PARLEY_DATA_DIR') ?? './data',
    masterKey: read.masterKey('PARLEY_MASTER_KEY'),
    otherMasterKey: read.masterKey('PARLEY_OTHER_MASTER_KEY'),
    backupTo: read.text('PARLEY_BACKUP_TO'),
    backupKey: read.masterKey('PARLEY_BACKUP_KEY'),
    backupMaxAgeHours: read.integer('PARLEY_BACKUP_MAX_AGE_HOURS', 26, 0, 8760),
    isBackupExpected: Boolean(read.text('PARLEY_BACKUP_TO') ?? read.text('PARLEY_BACKUP_MAX_AGE_HOURS')),
    adminPassword: read.text('PARLEY_ADMIN_PASSWORD'),
    oidc: readOidc(read),
    publicUrl,
    workerConcurrency: read.integer('PARLEY_WORKER_CONCURRENCY', 64, 1, 10_000),
    drainSeconds: read.integer('PARLEY_DRAIN_SECONDS', 30, 0, 3600),
    logLevel: read.logLevel('LOG_LEVEL'),
    workerPort: read.text('PARLEY_WORKER_PORT') ? read.integer('PARLEY_WORKER_PORT', 0, 0, 65_535) : undefined,
    maxBacklog: read.integer('PARLEY_MAX_BACKLOG', 100_000, 1, 100_000_000),
    maxMailbox: read.integer('PARLEY_MAX_MAILBOX', 100, 1, 1_000_000),
    trustedProxies: read.addresses('PARLEY_TRUSTED_PROXIES'),
    alertmanagerToken: read.matching(
      'PARLEY_ALERTMANAGER_TOKEN',
      /^\S{16,}$/,
      'at least 16 characters without spaces; make one with: openssl rand -hex 24',
      false,
    ),
    cacheMb: read.integer('PARLEY_CACHE_MB', 100, 1, 100_000),
    sandbox: read.onOff('PARLEY_SANDBOX', isForTrying) && role === 'start',
    allowPrivateUrls: read.onOff(
      'PARLEY_ALLOW_PRIVATE_URLS',
      isLoopback(read.text('HOST') ?? '127.0.0.1') && role === 'start',
    ),
    tracing: readTracing(read, role),
  };
  if (read.issues.length > 0) throw new ParleyError('invalid_config', describeIssues(read.issues));
  return settings;
}

/** All of it, or none: half of a provider is a mistake. */
function readOidc({ text, wrong }: ReturnType<typeof reader>): OidcSettings | undefined {
  const issuer = text('PARLEY_OIDC_ISSUER');
  const clientId = text('PARLEY_OIDC_CLIENT_ID');
  const clientSecret = text('PARLEY_OIDC_CLIENT_SECRET');
  const name = text('PARLEY_OIDC_NAME') ?? 'OpenID Connect';
  const mapping = text('PARLEY_OIDC_ROLES');
  const roles = mapping === undefined ? undefined : parseOidcRoles(mapping);
  if (mapping !== undefined && !roles) {
    wrong('PARLEY_OIDC_ROLES', 'entries such as groups=hub-admins:owner@*; groups=support:operator@acme');
  }
  if (issuer === undefined) {
    if (clientId !== undefined) wrong('PARLEY_OIDC_ISSUER', 'an https:// URL beside PARLEY_OIDC_CLIENT_ID');
    return undefined;
  }
  if (!isIssuerUrl(issuer)) wrong('PARLEY_OIDC_ISSUER', 'an https:// URL such as https://login.example/realms/acme');
  if (clientId === undefined) wrong('PARLEY_OIDC_CLIENT_ID', 'the id this hub has at PARLEY_OIDC_ISSUER');
  return { issuer, clientId: clientId ?? '', clientSecret, name, roles };
}

/** An address, a network, or what `proxy-addr` has a name for. */
function isAddress(value: string): boolean {
  if (value === 'loopback' || value === 'linklocal' || value === 'uniquelocal') return true;
  const [address = '', bits, ...rest] = value.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  const isMask = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return isIP(address) !== 0 && isMask && rest.length === 0;
}

function reader(env: Environment) {
  const issues: ConfigIssue[] = [];
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  function wrong(name: string, expected: string): undefined {
    issues.push({ path: name, message: `expected ${expected}` });
  }
  return {
    issues,
    text,
    wrong,
    integer(name: string, fallback: number, min: number, max: number): number {
      const value = text(name);
      if (value === undefined) return fallback;
      if (/^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
      wrong(name, `a whole number from ${min} to ${max}`);
      return fallback;
    },
    onOff(name: string, fallback: boolean): boolean {
      const value = text(name)?.toLowerCase();
      if (value !== undefined && value !== 'on' && value !== 'off') wrong(name, 'on or off');
      return value === undefined ? fallback : value === 'on';
    },
    matching(name: string, pattern: RegExp, expected: string, required: boolean): string | undefined {
      const value = text(name);
      if (value === undefined)
        return required ? wrong(name, `${expected}: this role shares it with others`) : undefined;
      return pattern.test(value) ? value : wrong(name, expected);
    },
    addresses(name: string): string[] {
      const listed = (text(name) ?? '').split(',').map((part) => part.trim());
      const values = listed.filter((part) => part !== '');
      if (!values.every(isAddress)) wrong(name, 'addresses or networks such as 10.0.0.0/8, or loopback, uniquelocal');
      return values;
    },
    masterKey(name: string): string | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      try {
        parseMasterKey(value, name);
        return value;
      } catch {
        return wrong(name, '32 bytes in base64; make one with: openssl rand -base64 32');
      }
    },
    publicUrl(name: string): string | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      const url = URL.parse(value);
      const plain = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
      return plain
        ? url.href.replace(/\/+$/, '')
        : wrong(name, 'an http:// or https:// URL such as https://bots.example');
    },
    logLevel(name: string): LogLevel {
      const value = text(name)?.toLowerCase() ?? 'info';
      const level = LOG_LEVELS.find((known) => known === value);
      if (level === undefined) wrong(name, `one of ${LOG_LEVELS.join(', ')}`);
      return level ?? 'info';
    },
  };
}

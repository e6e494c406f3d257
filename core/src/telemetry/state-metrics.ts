import { Gauge, type Registry } from 'prom-client';
import { createSampled, type Sampled } from './sampled.ts';

/** How things stand. Labels as in `Metrics`. */
export interface StateMetrics {
  /** Messages waiting for an answer, all conversations together. */
  queueDepth: Gauge;
  /** How long the conversation that has waited longest for a worker has done so. */
  queueAgeSeconds: Gauge;
  /** Finished turns that Postgres has not taken yet. */
  archiveDepth: Gauge;
  /** Turns that were given up and wait for an operator, and those that had to make room for newer ones. */
  deadLetters: Gauge<'tenant'>;
  deadLettersDropped: Gauge<'tenant'>;
  /** Turns being answered by this process. */
  activeTurns: Gauge;
  /** 1 on the process that holds a channel's long connection. */
  connectionOwned: Gauge<'channel'>;
  /** Whether what `/ready` looks at is usable: 1 or 0. */
  dependencyUp: Sampled<'dependency'>;
  /** 0 closed, 1 lets one request try, 2 open. */
  breakerState: Sampled<'model' | 'endpoint'>;
  /** Memory of this process that cached answers take. */
  cacheBytes: Sampled<never>;
  /** Connections of this process: `ready` or `down`. */
  redisConnections: Sampled<'state'>;
  /** Connections of this process: `busy` or `idle`; `waiting` is who has to wait for one. */
  postgresConnections: Sampled<'state'>;
  /** Which moment the last good backup of each kind shows, Unix seconds: `full`, `incremental`; absent: there was none. */
  backupTime: Sampled<'kind'>;
  backupBytes: Sampled<'kind'>;
  /** When a backup was last read back and found whole, Unix seconds. */
  backupVerifiedTime: Sampled<never>;
  /** How old the last backup may be; absent where nobody expects any. */
  backupMaxAgeSeconds: Sampled<never>;
}

export function createStateMetrics(registry: Registry): StateMetrics {
  const registers = [registry];
  return {
    queueDepth: new Gauge({ name: 'parley_queue_depth', help: 'Messages waiting for an answer', registers }),
    queueAgeSeconds: new Gauge({
      name: 'parley_queue_age_seconds',
      help: 'How long the conversation that has waited longest for a worker has done so',
      registers,
    }),
    archiveDepth: new Gauge({
      name: 'parley_archive_depth',
      help: 'Finished turns that the database has not taken yet',
      registers,
    }),
    deadLetters: new Gauge({
      name: 'parley_dead_letters',
      help: 'Turns that were given up and wait for an operator, by tenant',
      labelNames: ['tenant'],
      registers,
    }),
    deadLettersDropped: new Gauge({
      name: 'parley_dead_letters_dropped',
      help: 'Dead letters that had to make room for newer ones, by tenant',
      labelNames: ['tenant'],
      registers,
    }),
    activeTurns: new Gauge({ name: 'parley_active_turns', help: 'Turns this process is answering now', registers }),
    connectionOwned: new Gauge({
      name: 'parley_connection_owned',
      help: 'Whether this process holds the long connection of a channel',
      labelNames: ['channel'],
      registers,
    }),
    dependencyUp: createSampled({
      name: 'parley_dependency_up',
      help: 'Whether what the process needs is usable, by dependency',
      labelNames: ['dependency'],
      registers,
    }),
    breakerState: createSampled({
      name: 'parley_breaker_state',
      help: 'Circuit breakers by model and endpoint: 0 closed, 1 half open, 2 open',
      labelNames: ['model', 'endpoint'],
      registers,
    }),
    cacheBytes: createSampled({
      name: 'parley_cache_bytes',
      help: 'Memory of this process that cached answers take',
      registers,
    }),
    redisConnections: createSampled({
      name: 'parley_redis_connections',
      help: 'Connections to Redis by state: ready, down',
      labelNames: ['state'],
      registers,
    }),
    postgresConnections: createSampled({
      name: 'parley_postgres_connections',
      help: 'Connections to Postgres by state: busy, idle; waiting: requests that wait for one',
      labelNames: ['state'],
      registers,
    }),
    backupTime: createSampled({
      name: 'parley_backup_last_success_timestamp_seconds',
      help: 'Moment that the last good backup shows, in Unix time, by kind: full, incremental; absent: there was none',
      labelNames: ['kind'],
      registers,
    }),
    backupBytes: createSampled({
      name: 'parley_backup_last_bytes',
      help: 'Size of the last good backup by kind',
      labelNames: ['kind'],
      registers,
    }),
    backupVerifiedTime: createSampled({
      name: 'parley_backup_last_verified_timestamp_seconds',
      help: 'When a backup was last read back and found whole, in Unix time',
      registers,
    }),
    backupMaxAgeSeconds: createSampled({
      name: 'parley_backup_max_age_seconds',
      help: 'How old the last backup may be; absent where nobody expects any',
      registers,
    }),
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@parley/core/store';
import { sql } from 'drizzle-orm';
import { until } from '../../support/index.ts';
import { findBinaries, ready, succeeded, systemUser } from '../../support/postgres.ts';
import { openTcpDoor } from '../../support/tcp-door.ts';

export interface PostgresPair {
  /** One address for whichever of the two is the primary, as a proxy or a moving address gives it. */
  url: string;
  /** Ends the primary as `kill -9` does; nobody is there until `promote`. */
  killPrimary(): Promise<void>;
  /** The standby becomes the primary. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** A primary, and a standby that has every commit before the primary reports it (synchronous replication). */
export async function startPostgresPair(): Promise<PostgresPair> {
  const bin = findBinaries();
  const user = process.getuid?.() === 0 ? systemUser('postgres') : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'parley-pair-'));
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  for (const one of [folder, first, second]) {
    if (one !== folder) await mkdir(one);
    if (user) chownSync(one, user.uid, user.gid);
  }
  const options = { cwd: folder, env: { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' }, ...user };
  const run = (program: string, ...args: string[]) => succeeded(spawn(join(bin, program), args, options), program);

  const servers: ChildProcess[] = [];
  const killAll = () => void servers.forEach((server) => void server.kill('SIGKILL'));
  process.once('exit', killAll);
  async function launch(place: string): Promise<ChildProcess> {
    const settings = [
      'listen_addresses=',
      `unix_socket_directories=${place}`,
      'max_connections=60',
      'wal_level=replica',
    ];
    const args = ['-D', join(place, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
    const server = spawn(join(bin, 'postgres'), args, options);
    servers.push(server);
    await ready(server);
    return server;
  }

  await run('initdb', '-D', join(first, 'data'), '-U', 'parley', '-A', 'trust', '-E', 'UTF8', '--no-sync');
  const primary = await launch(first);
  await run(
    'pg_basebackup',
    '-h',
    first,
    '-U',
    'parley',
    '-D',
    join(second, 'data'),
    '-R',
    '-X',
    'stream',
    '--checkpoint=fast',
    '--no-sync',
  );
  await launch(second);
  await query(first, "alter system set synchronous_standby_names = '*'");
  await query(first, 'select pg_reload_conf()');
  await until('a synchronous standby', async () => {
    const rows = await query(first, "select 1 from pg_stat_replication where sync_state = 'sync'");
    return rows.length === 1;
  });

  let target: string | undefined = first;
  const door = await openTcpDoor(() => (target === undefined ? undefined : connect(join(target, '.s.PGSQL.5432'))));
  /** One server at a time, or nobody. */
  function lead(next: string | undefined): void {
    target = next;
    door.hangUp();
  }
  return {
    url: `postgres://parley@127.0.0.1:${door.port}/postgres`,
    async killPrimary() {
      const exited = new Promise((resolve) => primary.once('exit', resolve));
      primary.kill('SIGKILL');
      await exited;
      lead(undefined);
    },
    async promote() {
      await run('pg_ctl', 'promote', '-w', '-D', join(second, 'data'));
      lead(second);
    },
    async stop() {
      await door.close();
      process.off('exit', killAll);
      killAll();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function query(place: string, text: string): Promise<unknown[]> {
  const store = await openStore({
    databaseUrl: `postgres://parley@localhost/postgres?host=${encodeURIComponent(place)}`,
  });
  try {
    const answer = (await store.db.execute(sql.raw(text))) as { rows: unknown[] };
    return answer.rows;
  } finally {
    await store.close();
  }
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStore } from '@parley/core/store';
import { sql } from 'drizzle-orm';
import { PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub } from '../support/index.ts';
import { DEPLOY } from './support/files.ts';
import { secretsOf } from './support/load.ts';

/**
 * Measures the table of docs/operations/capacity.md: one gateway, one worker, Redis and Postgres, with the platforms and a
 * model simulated in this process, whose own CPU does not count. `node test/deploy/cost.ts [SECONDS] [RATE]`
 */
const [seconds = '15', rate = '30'] = process.argv.slice(2);
const cleanup = createCleanup();
try {
  const world = cleanup.add(await createWorld({ model: { reply: () => 'An answer of some fifty words. '.repeat(8) } }));
  const shared = cleanup.add(await startSharedServices());
  await runCommand(['migrate'], shared.folder, shared.env);
  const config = world.config();
  const start = async (role: 'gateway' | 'worker') =>
    cleanup.add(await startHub({ role, config, env: { ...shared.env, HOST: '127.0.0.1' } }));
  const [gateway, worker] = await Promise.all([start('gateway'), start('worker')]);
  world.connect(gateway.url);
  const store = cleanup.add(await openStore({ databaseUrl: shared.env.DATABASE_URL }));

  const size = async () => {
    const answer = await store.db.execute(sql`select pg_database_size(current_database()) as bytes`);
    return Number((answer as unknown as { rows: { bytes: string }[] }).rows[0]?.bytes);
  };

  for (const platform of PLATFORM_NAMES) {
    const load = [join(DEPLOY, 'load/webhooks.mjs'), '--url', gateway.url, '--platform', platform];
    const watched = ['--metrics', `${gateway.url}/metrics`, '--metrics', `${worker.url}/metrics`];
    const before = await size();
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        join(DEPLOY, 'load/cost.mjs'),
        ...watched,
        ...['--redis', shared.env.REDIS_URL, '--', process.execPath],
        ...[...load, '--duration', seconds, '--rate', rate],
      ],
      { env: { PATH: process.env.PATH, ...secretsOf(world) } },
    );
    const cost = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { messages: number };
    const postgresBytes = Math.round(((await size()) - before) / cost.messages);
    process.stdout.write(`${JSON.stringify({ platform, ...cost, postgres_bytes: postgresBytes })}\n`);
  }
} finally {
  await cleanup.run();
}

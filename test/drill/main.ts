import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate, openStore, recordTurns, tables } from '@parley/core/store';
import { MASTER_KEY, turns } from '../backup/helpers/database.ts';
import { answered } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { numberOf, readWords } from '../support/command-words.ts';
import { createWorld, startHub, startPostgres, startRedis, type TestHub } from '../support/index.ts';

/**
 * `npm run drill`: a hub between simulated platforms answers questions while backups are taken; then everything it runs
 * on is killed at once, and it is built again from the last backup beside an empty Redis. Prints how long that took and
 * what was lost. Exit code 0 only if nothing was lost that a backup had, and the audit log holds.
 */
const USAGE = 'npm run drill -- [--turns N] [--seconds N] [--every SECONDS]\n';
const sizes = readWords(() => {
  const { values } = parseArgs({
    options: {
      turns: { type: 'string', default: '20000' },
      seconds: { type: 'string', default: '30' },
      every: { type: 'string', default: '10' },
    },
  });
  return {
    turns: numberOf('turns', values.turns),
    loadMs: numberOf('seconds', values.seconds, 1) * 1000,
    everyMs: numberOf('every', values.every, 1) * 1000,
  };
}, USAGE);
const say = (line: string) => void process.stdout.write(`${line}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const cleanup = createCleanup();
const folder = await mkdtemp(join(tmpdir(), 'parley-drill-'));
cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
const shared = {
  PARLEY_MASTER_KEY: MASTER_KEY.toString('base64'),
  PARLEY_BACKUP_TO: join(folder, 'backups'),
  HOST: '127.0.0.1',
};

/** One place where the hub runs: its own Redis and Postgres, a gateway and a worker. */
async function startSite() {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  cleanup.add(redis);
  cleanup.add(postgres);
  return { redis, postgres, env: { ...shared, REDIS_URL: redis.url, DATABASE_URL: postgres.url } };
}

async function startHubs(env: Record<string, string>): Promise<TestHub[]> {
  const roles = (['gateway', 'worker'] as const).map((role) => startHub({ role, config: world.config(), env }));
  return (await Promise.all(roles)).map(cleanup.add);
}

async function parley(args: string[], env: Record<string, string>): Promise<{ ms: number; said: string }> {
  const began = performance.now();
  const { code, stdout, stderr } = await runCommand(args, folder, env);
  if (code !== 0) throw new Error(`parley ${args.join(' ')}: ${stderr}${stdout}`);
  return { ms: performance.now() - began, said: stdout.trim().split('\n')[0] ?? '' };
}

/** Chats that ask one question after another until they are told to stop; resolves with how many were answered. */
function startLoad() {
  const stop = new AbortController();
  let count = 0;
  const chats = Array.from({ length: 8 }, async (_, chat) => {
    for (let i = 0; !stop.signal.aborted; i++) {
      await world.telegram.say({ chat: `drill-${chat}`, text: `question ${chat}-${i}` });
      const isSeen = await answered(world.telegram, `drill-${chat}`, `[${chat}-${i}]`, 5_000).catch(() => undefined);
      if (isSeen) count++;
    }
  });
  return { answered: () => count, stop: () => stop.abort(), ended: Promise.all(chats) };
}

const world = cleanup.add(
  await createWorld({ model: { reply: ({ messages }) => `[${messages.at(-1)?.content.replace('question ', '')}]` } }),
);
let isWhole = false;
try {
  const site = await startSite();
  const store = await openStore({ databaseUrl: site.postgres.url });
  await migrate(store);
  for (let at = 0; at < sizes.turns; at += 5_000) {
    await recordTurns(store, turns(`seed${at}`, Math.min(5_000, sizes.turns - at)));
  }
  await store.close();
  const hubs = await startHubs(site.env);
  world.connect(hubs[0]?.url ?? '');
  say(`${sizes.turns} turns in the database, and a hub that answers 8 chats`);

  const load = startLoad();
  const backups: { ms: number; takenAt: number }[] = [];
  const began = performance.now();
  while (performance.now() - began < sizes.loadMs) {
    const takenAt = Date.now();
    const { ms, said } = await parley(['backup'], site.env);
    backups.push({ ms, takenAt });
    say(`${seconds(ms)}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, sizes.everyMs - ms)));
  }
  const answeredBefore = load.answered();
  const lostAt = Date.now();
  await Promise.all([...hubs.map((hub) => hub.kill()), site.redis.kill(), site.postgres.stop()]);
  load.stop();
  say(`everything killed after ${answeredBefore} answers`);
  await load.ended;

  const recovery = performance.now();
  const other = await startSite();
  const restored = await parley(['restore'], other.env);
  say(`${seconds(restored.ms)}: ${restored.said}`);
  const verified = await parley(['audit', 'verify'], other.env);
  const [gateway] = await startHubs(other.env);
  world.connect(gateway?.url ?? '');
  const asked = performance.now();
  await world.telegram.say({ chat: 'drill-0', text: 'question after' });
  await answered(world.telegram, 'drill-0', '[after]');
  const recoveredMs = performance.now() - recovery;

  const again = await openStore({ databaseUrl: other.postgres.url });
  const kept = await again.db.$count(tables.turns);
  await again.close();
  const inBackup = kept - sizes.turns;
  const last = backups.at(-1);
  isWhole = inBackup >= 0 && last !== undefined && verified.said.includes('hold');
  say('');
  say(`backup, full             ${seconds(backups[0]?.ms ?? 0)}`);
  say(`backup, incremental      ${seconds(last?.ms ?? 0)}`);
  say(
    `RPO: last backup before  ${seconds(lostAt - (last?.takenAt ?? 0))}, ${Math.max(0, answeredBefore - inBackup)} of ${answeredBefore} answered turns lost`,
  );
  say(`restore                  ${seconds(restored.ms)} for ${kept} turns`);
  say(`first answer             ${seconds(performance.now() - asked)} after it was asked`);
  say(`RTO: killed to answering ${seconds(recoveredMs)}, with servers at hand`);
} finally {
  await cleanup.run();
}
process.exit(isWhole ? 0 : 1);

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCleanup } from '../../flow/helpers/cleanup.ts';
import { runCommand } from '../../flow/helpers/command.ts';
import { startPostgres, until } from '../../support/index.ts';
import { createScene, type Scene } from './scene.ts';

/** A scene whose Redis is lost: started, migrated, with one gateway and two workers. */
export interface RedisScene {
  scene: Scene;
  /** People ask; meanwhile the master is killed, another one takes its place, and the gateway finds it. */
  playLoss(kill: () => Promise<void>, hasNewMaster: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param redis belongs to the scene from now on, and is stopped with it
 * @param waitReplicas PARLEY_REDIS_WAIT_REPLICAS of the gateway
 */
export async function startRedisScene(
  redis: { url: string; stop(): Promise<void> },
  waitReplicas: number,
): Promise<RedisScene> {
  const cleanup = createCleanup();
  cleanup.add(redis);
  try {
    const folder = await mkdtemp(join(tmpdir(), 'parley-failover-'));
    cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
    const postgres = cleanup.add(await startPostgres());
    const env = {
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      PARLEY_MASTER_KEY: randomBytes(32).toString('base64'),
      PARLEY_REDIS_WAIT_REPLICAS: String(waitReplicas),
    };
    const migrated = await runCommand(['migrate'], folder, env);
    if (migrated.code !== 0) throw new Error(`migrate: ${migrated.stderr}`);
    const scene = cleanup.add(await createScene({ env, folder }));
    const [gateway] = await Promise.all([scene.start('gateway'), scene.start('worker'), scene.start('worker')]);
    return {
      scene,
      playLoss: (kill, hasNewMaster) =>
        scene.play(async () => {
          scene.note('master killed');
          await kill();
          await until('a new master', hasNewMaster);
          scene.note('new master');
          await until('readiness', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
          scene.note('gateway ready');
        }),
      stop: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

import { connect } from 'node:net';
import { startRedis, type TestRedis } from '../../support/index.ts';
import { openTcpDoor } from '../../support/tcp-door.ts';

/**
 * A real Redis that several processes reach by a `redis://` URL, as operators write it. The server itself stays on its
 * Unix socket: the port in front of it belongs to the test, so it cannot be lost while the server is away.
 */
export async function startTcpRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  const path = redis.url.slice('unix://'.length);
  const door = await openTcpDoor(() => connect(path));
  return {
    ...redis,
    url: `redis://127.0.0.1:${door.port}`,
    async stop() {
      await door.close();
      await redis.stop();
    },
  };
}

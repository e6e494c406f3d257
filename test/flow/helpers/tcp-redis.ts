import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { startRedis, type TestRedis } from '../../support/index.ts';

/**
 * A real Redis that several processes reach by a `redis://` URL, as operators write it. The server itself stays on its
 * Unix socket: the port in front of it belongs to the test, so it cannot be lost while the server is away.
 */
export async function startTcpRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  const path = redis.url.slice('unix://'.length);
  const open = new Set<Socket>();
  const door = createServer((client) => {
    const server = connect(path);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  return {
    ...redis,
    url: `redis://127.0.0.1:${(door.address() as AddressInfo).port}`,
    async stop() {
      const closed = new Promise((resolve) => door.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
      await redis.stop();
    },
  };
}

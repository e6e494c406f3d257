import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { whenGone } from './sse.ts';

test('a caller that has left before anybody looks is gone', async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  const server = createServer((_request, raw) => {
    raw.once('close', () => asked.resolve(whenGone({ raw } as FastifyReply)));
    caller.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const caller = connect(port, '127.0.0.1', () => caller.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
  expect((await asked.promise).aborted).toBe(true);
  server.close();
});

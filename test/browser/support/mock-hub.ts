import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createMockApi, type MockOptions } from '@parley/console/dev';
import { createLogger } from '@parley/core/telemetry';
import { createServer, registerConsole } from '@parley/gateway';

export const CONSOLE_ROOT = fileURLToPath(new URL('../../../apps/console/dist', import.meta.url));

export interface MockHub {
  url: string;
  close(): Promise<void>;
}

/** The built console as the gateway serves it, in front of an admin API in memory. */
export async function startMockHub(options: MockOptions = {}): Promise<MockHub> {
  const gateway = createServer(createLogger('error'));
  const { built } = registerConsole(gateway, { root: CONSOLE_ROOT });
  if (!built) throw new Error('the console is not built: pnpm --filter @parley/console build');
  await gateway.ready();
  const mock = createMockApi(options);
  const server = createHttpServer((request, response) => {
    if (request.url?.startsWith('/api/')) {
      mock(request, response).catch(() => response.destroy());
      return;
    }
    gateway.server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway.close();
    },
  };
}

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A port of the test's own on loopback: it cannot be lost while what stands behind it is away. */
export interface TcpDoor {
  port: number;
  /** Breaks every connection; new ones are taken on. */
  hangUp(): void;
  close(): Promise<void>;
}

/**
 * Opens a port whose every connection goes on to what `connect` returns.
 *
 * @param connect called for each connection; undefined: it is closed at once
 */
export async function openTcpDoor(connect: () => Duplex | undefined): Promise<TcpDoor> {
  const open = new Set<Duplex>();
  const server = createServer((outside) => {
    const inside = connect();
    if (!inside) return void outside.destroy();
    join(outside, inside, open);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = () => open.forEach((stream) => void stream.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    hangUp,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      hangUp();
      await closed;
    },
  };
}

/** Passes on in both directions; the end of one is the end of the other. */
function join(outside: Socket, inside: Duplex, open: Set<Duplex>): void {
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    open.add(one);
    one.on('error', () => {}); // `close` follows
    one.on('close', () => {
      open.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}

import { type CallSpec, callChatApi } from './calls.ts';
import { nowMs } from './clock.ts';
import { createLeanClient } from './lean-client.ts';
import { createLeanServer, listen } from './lean-server.ts';
import { createLoad, type LoadSpec } from './load.ts';
import { createPlatforms, type PlatformCall } from './platforms.ts';

/**
 * Everything on the platforms' side, a process of its own: people who ask, and the APIs that take the answers. Asking and
 * taking share one clock, and the next question of a closed loop needs no message between processes.
 */
export type WorldOrder =
  | { kind: 'load'; port: number; spec: LoadSpec }
  | { kind: 'calls'; port: number; spec: CallSpec }
  | { kind: 'shown' };

export interface Shown {
  /** Platform calls by kind since the last time this was asked. */
  calls: Record<PlatformCall, number>;
  /** When each answer was shown last (`nowMs`), by question. */
  lastAt: [number, number][];
}

const load = createLoad();
const noCalls = () => ({ send: 0, edit: 0, append: 0, stop: 0 });
let calls: Shown['calls'] = noCalls();
const lastAt = new Map<number, number>();
const MAX_REMEMBERED = 50_000;

const server = createLeanServer(
  createPlatforms({
    onShown(id, call) {
      calls[call]++;
      if (lastAt.size < MAX_REMEMBERED) lastAt.set(id, nowMs());
      load.answered(id);
    },
  }),
);

async function carryOut(order: WorldOrder): Promise<unknown> {
  if (order.kind === 'shown') {
    const shown: Shown = { calls, lastAt: [...lastAt] };
    calls = noCalls();
    lastAt.clear();
    return shown;
  }
  const client = createLeanClient(order.port);
  try {
    return order.kind === 'load' ? await load.run(order.spec, client) : await callChatApi(order.spec, client);
  } finally {
    client.close();
  }
}

process.on('message', (order: WorldOrder) => {
  carryOut(order).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.stack }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ports: [await listen(server)] });

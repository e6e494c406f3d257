import { createInterface } from 'node:readline';
import { type SandboxPlatform, SandboxRefusal } from './types.ts';
import type { SandboxWorld } from './world.ts';

/** The first line: everything is listening. */
export interface ReadyLine {
  ready: SandboxPlatform[];
}

/** One order per line in; its answer goes out with the same `id`. */
export interface OrderLine {
  id: number;
  order: 'connect' | 'view' | 'say';
  args: unknown[];
}

export type AnswerLine =
  | { id: number; result: unknown }
  | { id: number; error: { code: string; message: string; field?: string } };

/** Carries out the orders that come on `input`; resolves when it ends. */
export async function serveLines(
  world: SandboxWorld,
  input: NodeJS.ReadableStream,
  write: (line: string) => void,
): Promise<void> {
  const send = (line: ReadyLine | AnswerLine) => write(`${JSON.stringify(line)}\n`);
  send({ ready: world.platforms() });
  for await (const line of createInterface({ input })) {
    if (line.trim() === '') continue;
    const { id, order, args } = JSON.parse(line) as OrderLine;
    try {
      send({ id, result: (await carryOut(world, order, args)) ?? null });
    } catch (error) {
      send({ id, error: describe(error) });
    }
  }
}

/** The hub has checked the shape of what it hands on; what cannot be is refused by the world. */
function carryOut(world: SandboxWorld, order: OrderLine['order'], args: unknown[]): unknown {
  switch (order) {
    case 'connect':
      return world.connect(...(args as Parameters<SandboxWorld['connect']>));
    case 'view':
      return world.view(...(args as Parameters<SandboxWorld['view']>));
    case 'say':
      return world.say(...(args as Parameters<SandboxWorld['say']>));
    default:
      throw new SandboxRefusal('invalid_request', 'order', `unknown order ${String(order)}`);
  }
}

function describe(error: unknown): { code: string; message: string; field?: string } {
  if (error instanceof SandboxRefusal) return { code: error.code, message: error.message, field: error.field };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

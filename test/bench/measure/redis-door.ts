import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Stands before Redis and counts what clients send: a script counts once here, however much it does inside. Its answers can
 * be made to come late: what is late by as many times that is the number of answers that were waited for in sequence.
 */
export interface RedisDoor {
  socket: string;
  /** Commands by name, since the last time; scripts by what their first key holds, as `script: mailbox`. */
  take(): Map<string, number>;
  /** From now on every answer comes so much later. */
  delay(ms: number): void;
  close(): Promise<void>;
}

export async function openRedisDoor(redisSocket: string): Promise<RedisDoor> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-door-'));
  const socket = join(folder, 's');
  const open = new Set<Socket>();
  let counts = new Map<string, number>();
  let delayMs = 0;
  const door = createServer((client) => {
    const server = connect(redisSocket);
    const count = createCommandReader((words) => {
      const name = nameOf(words);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    });
    client.on('data', count);
    client.pipe(server);
    server.on(
      'data',
      createDelay(
        () => delayMs,
        (piece) => void client.write(piece),
      ),
    );
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
    }
  });
  await new Promise<void>((resolve) => door.listen(socket, resolve));
  return {
    socket,
    take() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    delay(ms) {
      delayMs = ms;
    },
    async close() {
      for (const one of open) one.destroy();
      await new Promise((resolve) => door.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Passes pieces on in their order, each as late as `delayMs` says when it comes. */
function createDelay(delayMs: () => number, pass: (piece: Buffer) => void): (piece: Buffer) => void {
  const held: { piece: Buffer; dueAt: number }[] = [];
  function release(): void {
    const now = performance.now();
    while (held[0] && held[0].dueAt <= now) pass((held.shift() as { piece: Buffer }).piece);
    if (held[0]) setTimeout(release, Math.max(1, held[0].dueAt - now));
  }
  return (piece) => {
    if (held.length === 0 && delayMs() === 0) return pass(piece);
    held.push({ piece, dueAt: performance.now() + delayMs() });
    if (held.length === 1) setTimeout(release, delayMs());
  };
}

/** `evalsha SHA 2 parley:{p3}:mailbox:… …` is a script on a mailbox. */
export function nameOf([command = '', , keys, key = '']: readonly string[]): string {
  const name = command.toLowerCase();
  if (name !== 'evalsha' && name !== 'eval') return name;
  if (keys === '0') return 'script';
  return `script: ${keyKind(key)}`;
}

/** What a key of the hub holds: `history` of `parley:{p3}:history:…`, `pace` of `parley:{pace:…}`, `quota` of `parley:{t:…}…`. */
export function keyKind(key: string): string {
  if (key.startsWith('bull:')) return 'wake queue';
  const [, tag = '', kind = ''] = /^[a-z]+:(?:\{([^}]*)\}:?)?([a-z-]*)/.exec(key) ?? [];
  if (tag.startsWith('t:')) return kind === '' ? 'quota' : `quota ${kind}`;
  return kind === '' ? (tag.split(':')[0] ?? '') : kind;
}

/** As many words of a command as tell what it is. */
const WORDS_TOLD = 4;

/**
 * Reads requests of the Redis protocol from pieces of a connection and tells the first words of each: an array of bulk
 * strings, `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`.
 */
export function createCommandReader(onCommand: (words: string[]) => void): (piece: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let left = 0;
  let words: string[] = [];
  return (piece) => {
    pending = pending.length > 0 ? Buffer.concat([pending, piece]) : piece;
    let at = 0;
    for (;;) {
      const lineEnd = pending.indexOf('\r\n', at);
      if (lineEnd < 0) break;
      const number = Number(pending.toString('latin1', at + 1, lineEnd));
      if (Number.isNaN(number)) throw new Error('not a request of the Redis protocol');
      if (left === 0) {
        left = number;
        words = [];
        at = lineEnd + 2;
        continue;
      }
      const end = lineEnd + 2 + number;
      if (pending.length < end + 2) break;
      if (words.length < WORDS_TOLD) words.push(pending.toString('latin1', lineEnd + 2, end));
      if (--left === 0) onCommand(words);
      at = end + 2;
    }
    pending = pending.subarray(at);
  };
}

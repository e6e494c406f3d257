import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/core/errors';
import type { Logger } from 'pino';
import { createOrders, type Orders } from './orders.ts';
import { type PlayedPlatform, readLine } from './protocol.ts';

/** The program that plays the platforms. It belongs to the tests, so the hub runs it and never imports it. */
export const SANDBOX_PROGRAM = fileURLToPath(new URL('../../../../test/simulators/src/sandbox.ts', import.meta.url));

export interface SandboxProcess extends Pick<Orders, 'send'> {
  pid: number | undefined;
  platforms: PlayedPlatform[];
  /** Resolves with the reason when it has ended by itself. */
  ended: Promise<string>;
  /** Ends it, if need be by force. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 3_000;
/** What people type in a sandbox needs little; more is a leak, and ends the child instead of the machine. */
const HEAP_LIMIT_MB = 256;
const MAX_ERROR_LENGTH = 2_000;

/**
 * Starts the simulated platforms in a process of their own. The child reads its orders from stdin and ends with it:
 * whatever becomes of the hub, nothing is left behind. It inherits no environment, and so no secret.
 *
 * @throws ParleyError `unavailable` when it is not ready in time
 */
export async function startSandboxProcess(logger: Logger, program = SANDBOX_PROGRAM): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_LIMIT_MB}`, program], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C is for the hub, which then ends the child in its turn.
    detached: true,
  });
  const errors = tailOf(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`the sandbox cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`the sandbox ended (${signal ?? `code ${code}`})${errors()}`));
  });
  // An order to one that is gone: `ended` tells.
  child.stdin.on('error', () => {});
  const orders = createOrders((line) => void child.stdin.write(line));
  void ended.then((reason) => orders.failAll(reason));
  const stop = () => stopChild(child, ended);
  try {
    const platforms = await untilReady(child, orders, ended, logger);
    return { pid: child.pid, platforms, send: orders.send, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function untilReady(child: ChildProcess, orders: Orders, ended: Promise<string>, logger: Logger) {
  return new Promise<PlayedPlatform[]>((resolve, reject) => {
    const fail = (reason: string) => reject(new ParleyError('unavailable', reason));
    const limit = setTimeout(() => fail('the sandbox was not ready in time'), START_LIMIT_MS);
    void ended.then(fail).finally(() => clearTimeout(limit));
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = readLine(text);
      if (!line) return logger.warn('the sandbox said something that is no line of its protocol');
      if (!('ready' in line)) return orders.settle(line);
      clearTimeout(limit);
      resolve(line.ready);
    });
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end();
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(force);
}

/** The end of what the child wrote to stderr, for the reason of its end. */
function tailOf({ stderr }: ChildProcess): () => string {
  let tail = '';
  stderr?.on('data', (chunk) => {
    tail = `${tail}${chunk}`.slice(-MAX_ERROR_LENGTH);
  });
  return () => (tail.trim() === '' ? '' : `: ${tail.trim()}`);
}

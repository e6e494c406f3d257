import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../support/hub.ts';
import { startHub, type TestHub } from '../support/index.ts';

export type Role = 'start' | 'gateway' | 'worker';

export interface SlotOptions {
  name: string;
  role: Role;
  config: object;
  env: Record<string, string>;
  dataDir: string;
  onUp(hub: TestHub): void;
  onDown(): void;
}

/** One process that is kept alive: whatever ends it, it is started again, as an orchestrator would. */
export interface Slot {
  name: string;
  role: Role;
  /** What runs now; undefined while it is being started. */
  current(): TestHub | undefined;
  /** Resolves with the process once it is ready. */
  up(): Promise<TestHub>;
  /** Ends it with SIGKILL. It is started again with `env` added, once; `ended` resolves when that one is gone too. */
  kill(env?: Record<string, string>): Promise<{ ended: Promise<void> }>;
  /** What all its processes logged from warnings on. */
  troubles(): LogLine[];
  /** Ends it for good. */
  stop(): Promise<void>;
}

const RESTART_MS = 300;
/** Starts in a row that may fail: a process that cannot come up is a result, not something to wait for. */
const MAX_FAILED_STARTS = 20;
const MAX_TROUBLES = 5_000;

export function createSlot(options: SlotOptions): Slot {
  const { name, role } = options;
  const troubles: LogLine[] = [];
  let hub: TestHub | undefined;
  let ready = Promise.withResolvers<TestHub>();
  let next: { env: Record<string, string>; ended: PromiseWithResolvers<void> } | undefined;
  let stopped = false;

  async function runOnce(): Promise<boolean> {
    const { config, dataDir } = options;
    const special = next;
    next = undefined;
    const env = { ...options.env, ...special?.env };
    const started = await startHub({ role, config, env, dataDir }).catch((error: Error) => {
      troubles.push({
        level: 'error',
        msg: `did not start: ${error.message.slice(0, 500)}`,
        time: new Date().toISOString(),
      });
      return undefined;
    });
    if (!started) {
      special?.ended.resolve();
      return false;
    }
    hub = started;
    const killAtExit = () => void started.process.kill('SIGKILL');
    process.once('exit', killAtExit);
    options.onUp(started);
    ready.resolve(started);
    await ended(started);
    process.off('exit', killAtExit);
    special?.ended.resolve();
    options.onDown();
    hub = undefined;
    ready = Promise.withResolvers();
    troubles.push(...started.logs.filter(({ level }) => level === 'warn' || level === 'error' || level === 'fatal'));
    troubles.splice(0, troubles.length - MAX_TROUBLES);
    return true;
  }

  async function keepAlive(): Promise<void> {
    let failed = 0;
    while (!stopped && failed < MAX_FAILED_STARTS) {
      failed = (await runOnce()) ? 0 : failed + 1;
      if (!stopped) await sleep(RESTART_MS);
    }
    if (stopped) return;
    ready.promise.catch(() => undefined);
    ready.reject(new Error(`${name} does not come up: ${JSON.stringify(troubles.at(-1))}`));
  }
  const kept = keepAlive();

  return {
    name,
    role,
    current: () => hub,
    up: () => ready.promise,
    async kill(env = {}) {
      const running = await ready.promise;
      const ended = Promise.withResolvers<void>();
      next = { env, ended };
      await running.kill();
      return { ended: ended.promise };
    },
    troubles: () => troubles,
    async stop() {
      stopped = true;
      // One that is just being started is ended as soon as it runs.
      if (!hub) await Promise.race([ready.promise, kept]);
      await hub?.kill();
      await kept;
    },
  };
}

function ended({ process }: TestHub): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) resolve();
    else process.once('exit', () => resolve());
  });
}

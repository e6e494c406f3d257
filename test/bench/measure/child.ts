import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark: a stub, the load, or a contestant. */
export interface Child {
  pid: number;
  /** The ports it listens on. */
  ports: number[];
  /** Sends an order and resolves with the next message that comes back; one order at a time. */
  ask<Answer>(order: object): Promise<Answer>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 30_000;

/** Starts one of this folder's programs; resolves when it has told its ports. */
export async function startChild(
  program: string,
  env: Record<string, string> = {},
  execArgv: string[] = [],
): Promise<Child> {
  const child = fork(fileURLToPath(new URL(`../${program}`, import.meta.url)), {
    env: { PATH: process.env.PATH, ...env },
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${program} ended with code ${code}: ${errors}`)));
  });
  ended.catch(() => undefined);
  const next = <Answer>() => Promise.race([ended, new Promise<Answer>((resolve) => child.once('message', resolve))]);
  const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const { ports } = await next<{ ports: number[] }>();
  clearTimeout(limit);
  return {
    pid: child.pid ?? 0,
    ports,
    ask<Answer>(order: object) {
      child.send(order);
      return next<Answer>();
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      // One that was started with --cpu-prof writes its profile on the way out.
      if (child.connected) child.disconnect();
      const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(kill);
    },
  };
}

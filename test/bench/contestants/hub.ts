import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type HubRole = 'start' | 'gateway' | 'worker' | 'migrate';

export interface HubProcessOptions {
  role: HubRole;
  config: object;
  env: Record<string, string>;
  /** A data folder to use again; default a new one, removed by `stop`. */
  dataDir?: string | undefined;
  /** For node itself: a profiler, say. */
  execArgv?: string[] | undefined;
}

export interface HubProcess {
  pid: number;
  url: string;
  port: number;
  dataDir: string;
  /** From its start until it said that it was ready. */
  readyMs: number;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../../apps/hub/src/main.ts', import.meta.url));
/** As its image, its units and `npm start` have it. */
const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/parley', import.meta.url));
const READY_LIMIT_MS = 30_000;

/** Starts the real hub with its log in a file, as an operator does; nobody here spends time on reading along. */
export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-bench-hub-')));
  const configFile = join(dataDir, 'bench.yaml');
  const logFile = join(dataDir, `${options.role}-${process.hrtime.bigint()}.log`);
  await writeFile(configFile, JSON.stringify(options.config));
  const log = openSync(logFile, 'w');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...(options.execArgv ?? []), MAIN, options.role], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: COMPILED,
      PORT: '0',
      HOST: '127.0.0.1',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_CONFIG: configFile,
      ...options.env,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const url = options.role === 'migrate' ? await exited.then(() => '') : await readyUrl(child, logFile);
  const readyMs = performance.now() - startedAt;
  return {
    pid: child.pid ?? 0,
    url,
    port: url === '' ? 0 : Number(new URL(url).port),
    dataDir,
    readyMs,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const kill = setTimeout(killAtExit, 20_000);
      await exited;
      clearTimeout(kill);
      process.off('exit', killAtExit);
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function readyUrl(child: ChildProcess, logFile: string): Promise<string> {
  for (let waitedMs = 0; waitedMs < READY_LIMIT_MS; waitedMs += 5) {
    const log = await readFile(logFile, 'utf8');
    const ready = log.split('\n').find((line) => line.includes('"msg":"ready"'));
    if (ready) return String(JSON.parse(ready).url);
    if (child.exitCode !== null) throw new Error(`the hub ended before it was ready:\n${log.slice(-4000)}`);
    await sleep(5);
  }
  throw new Error('the hub did not become ready');
}

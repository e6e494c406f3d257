import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillWithEmptyPglite } from './pglite.ts';

const MAIN = fileURLToPath(new URL('../../apps/hub/src/main.ts', import.meta.url));

export interface HubOptions {
  role?: 'start' | 'gateway' | 'worker';
  /** The configuration, written to a file as JSON (which YAML reads); absent: the quick start from `env`. */
  config?: object;
  env?: Record<string, string>;
  /**
   * A data folder to use again, or one with nothing in it for a first start from the very beginning; default a new
   * temporary one with an empty database, removed by `stop`.
   */
  dataDir?: string;
  /** The hub's own file in another copy of the code; default this one. */
  main?: string;
  /** What runs it instead of Node, before the role's name, such as the words of a container engine. */
  command?: string[];
  /** Who runs it; default whoever runs the tests. Only root can name another. */
  user?: { uid: number; gid: number } | undefined;
}

export interface TestHub {
  /** Where it listens; for a worker its health and metrics. */
  url: string;
  process: ChildProcess;
  dataDir: string;
  /** Every JSON log line so far. */
  logs: LogLine[];
  stderr(): string;
  /** Replaces the configuration file, as an editor would. */
  writeConfig(config: object | string): Promise<void>;
  /** Ends it the polite way; resolves with the exit code. */
  terminate(): Promise<number | null>;
  kill(): Promise<void>;
  /** Kills whatever is left and removes the data folder. */
  stop(): Promise<void>;
}

export interface LogLine {
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** Starts the real hub with `node`, as `npm start` does, and resolves when it says that it is ready. */
export async function startHub(options: HubOptions): Promise<TestHub> {
  const { role = 'start', config, env = {}, dataDir, main = MAIN, command = [process.execPath, main], user } = options;
  if ((env.LOG_LEVEL ?? 'info') !== 'info') throw new Error('readiness is read from the info log');
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-hub-')));
  if (role === 'start' && !dataDir && !user && !env.DATABASE_URL) await fillWithEmptyPglite(join(folder, 'postgres'));
  const configFile = join(folder, 'test.yaml');
  const writeConfig = async (next: object | string) => {
    await writeFile(configFile, typeof next === 'string' ? next : JSON.stringify(next));
  };
  if (config) await writeConfig(config);
  if (user) await chown(folder, user.uid, user.gid);
  const [program = '', ...words] = command;
  const child = spawn(program, [...words, role], {
    ...user,
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      PARLEY_DATA_DIR: folder,
      ...(config ? { PARLEY_CONFIG: configFile } : {}),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs: LogLine[] = [];
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const hub: TestHub = {
    url: await readyUrl(child, logs, () => errors),
    process: child,
    dataDir: folder,
    logs,
    stderr: () => errors,
    writeConfig,
    terminate() {
      child.kill('SIGTERM');
      return exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await exited;
      }
      if (!dataDir) await rm(folder, { recursive: true, force: true });
    },
  };
  return hub;
}

function readyUrl(child: ChildProcess, logs: LogLine[], errors: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let rest = '';
    let url = '';
    child.stdout?.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const entry = JSON.parse(line) as LogLine;
        logs.push(entry);
        if (typeof entry.url === 'string') url = entry.url;
        if (entry.msg === 'ready') resolve(url);
      }
    });
    child.once('exit', (code) => {
      reject(new Error(`the hub ended with code ${code} before it was ready:\n${errors()}\n${JSON.stringify(logs)}`));
    });
  });
}

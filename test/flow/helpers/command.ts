import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/hub/src/main.ts', import.meta.url));
const LIMIT_MS = 60_000;

export interface CommandResult {
  /** Null when it had to be killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the hub that ends by itself, in `cwd`, with nothing in its environment but PATH and `env`. */
export function runCommand(args: string[], cwd: string, env: Record<string, string> = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

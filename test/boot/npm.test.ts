import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { until } from '../support/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

vi.setConfig({ testTimeout: 120_000 });

/** npm hands a signal to the shell it started, and that shell to nobody: so there must be none left in between. */
test('whoever ends npm ends the hub', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-npm-'));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', PARLEY_DATA_DIR: folder };
  const npm = spawn('npm', ['run', 'parley', '--', 'start'], { cwd: ROOT, env, detached: true });
  onTestFinished(async () => {
    try {
      // All that came of it, should the hub still be there.
      process.kill(-(npm.pid ?? 0), 'SIGTERM');
    } catch {
      // It ended, as it should.
    }
    await rm(folder, { recursive: true, force: true });
  });
  let said = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => npm.once('exit', resolve));
  const url = await until('the hub', () => /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(said)?.[1], 60_000);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  npm.kill('SIGTERM');
  await ended;
  await until('the hub to be gone', () =>
    fetch(`${url}/health`)
      .then(() => false)
      .catch(() => true),
  );
});

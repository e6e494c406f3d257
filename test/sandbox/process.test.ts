import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@parley/core/telemetry';
import { afterEach, expect, test } from 'vitest';
import { type SandboxProcess, startSandboxProcess } from '../../apps/hub/src/sandbox/process.ts';
import { until } from '../support/index.ts';

/** The sandbox's child as the hub runs it. */
const logger = createLogger('silent');
const PROCESS = fileURLToPath(new URL('../../apps/hub/src/sandbox/process.ts', import.meta.url));
const started: SandboxProcess[] = [];
afterEach(() => Promise.all(started.splice(0).map((child) => child.stop())));

async function startChild(): Promise<SandboxProcess> {
  const child = await startSandboxProcess(logger);
  started.push(child);
  return child;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('it tells what it plays, takes orders, and refuses by name', async () => {
  const child = await startChild();
  expect(child.platforms.map(({ platform }) => platform).sort()).toEqual(['feishu', 'slack', 'telegram']);
  expect(await child.send('say', 'slack', 'direct', { person: 'alice', text: 'hello' })).toMatchObject({
    id: expect.any(String),
  });
  expect(await child.send('view', 'slack', 'direct')).toMatchObject({ items: [{ text: 'hello' }], typing: false });
  await expect(child.send('view', 'slack', 'nowhere')).rejects.toMatchObject({ code: 'not_found' });
  const nobody = child.send('say', 'slack', 'direct', { person: 'bob', text: 'hello' });
  await expect(nobody).rejects.toMatchObject({ code: 'invalid_request', fields: [{ path: 'person' }] });
});

test('it ends when asked, and then says so to whoever asks', async () => {
  const child = await startChild();
  await child.stop();
  expect(await child.ended).toContain('code 0');
  await expect(child.send('view', 'slack', 'direct')).rejects.toMatchObject({ code: 'unavailable' });
});

test('an order under way fails when it dies', async () => {
  const child = await startChild();
  const pid = child.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  const order = child.send('view', 'slack', 'direct');
  process.kill(pid, 'SIGKILL');
  await expect(order).rejects.toMatchObject({ code: 'unavailable' });
  expect(await child.ended).toContain('SIGKILL');
});

test('one that cannot run tells why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sandbox-'));
  const program = join(folder, 'broken.mjs');
  await writeFile(program, 'throw new Error("no room for a sandbox");\n');
  try {
    await expect(startSandboxProcess(logger, program)).rejects.toThrow('no room for a sandbox');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('it does not outlive a hub that is killed', async () => {
  const script = `
    const { startSandboxProcess } = await import(${JSON.stringify(PROCESS)});
    const child = await startSandboxProcess({ warn() {} });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const hub = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../../apps/hub', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  hub.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const pid = Number(await until('the child', () => /^\d+\n/.exec(output)?.[0]));
  expect(lives(pid)).toBe(true);
  hub.kill('SIGKILL');
  await until('the end of the child', () => !lives(pid));
});

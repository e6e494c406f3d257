import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub, type World } from '../support/index.ts';

/**
 * Every entry is started with `node`, as it stands: type stripping refuses what the test runner lets pass. Each command
 * says what it does by its exit code.
 */
const cleanup = createCleanup();
let world: World;
let folder: string;

// Processes are started and killed here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  folder = await mkdtemp(join(tmpdir(), 'parley-boot-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
});
afterAll(() => cleanup.run());

async function write(name: string, config: object): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** A port that nobody listens on any more. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the command line', () => {
  test('an unknown command shows the usage, exit 2; help is no mistake', async () => {
    const [unknown, help] = await Promise.all([
      runCommand(['strat'], folder),
      runCommand(['--help'], folder, { LANG: 'zh_CN.UTF-8' }),
    ]);
    expect([unknown.code, help.code]).toEqual([2, 0]);
    for (const command of ['start', 'gateway', 'worker', 'migrate', 'check', 'doctor', 'secrets']) {
      expect(unknown.stderr).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
    expect(help).toMatchObject({ stdout: expect.stringContaining('用法'), stderr: '' });
  });

  const NAMES = [
    'start',
    'gateway',
    'worker',
    'migrate',
    'check',
    'doctor',
    'secrets',
    'audit',
    'cache',
    'why',
    'dead-letters',
  ];
  test.each(NAMES)('%s --help says how it is called and does nothing; a word too many is refused', async (name) => {
    const dataDir = join(folder, `asked-${name}`);
    const run = (...args: string[]) => runCommand([name, ...args], folder, { PARLEY_DATA_DIR: dataDir });
    const [help, surplus] = await Promise.all([run('--help'), run('what', 'is', 'this')]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`^Usage: .*parley ${name}`));
    expect(surplus).toMatchObject({ code: 2, stdout: '', stderr: help.stdout });
    await expect(access(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('check: a good file is ok, a bad one shows every mistake with its path', async () => {
    const good = world.config({ rules: [{ tenant: 'acme', match: { exact: ['hi'] }, reply: 'Hello!' }] });
    const bad = {
      ...good,
      version: 2,
      tenants: [{ id: 'acme', models: ['nobody'], sesion: {} }],
      channels: [{ ...good.channels[0], tenant: 'other', transport: 'pigeon' }],
    };
    const [ok, notOk] = await Promise.all([
      runCommand(['check', await write('good.yaml', good)], folder),
      runCommand(['check', await write('bad.yaml', bad)], folder),
    ]);
    expect(ok).toMatchObject({ code: 0, stderr: '' });
    expect(ok.stdout).toMatch(/good\.yaml: ok \(1 tenants, 3 channels, 1 models\)/);
    expect(notOk.code).toBe(1);
    for (const path of ['version', 'tenants[0].sesion', 'channels[0].transport']) expect(notOk.stdout).toContain(path);
  });

  test('start refuses a bad configuration in a sentence, and leaves nothing running', async () => {
    const file = await write('refused.yaml', { ...world.config(), surplus: true });
    const dataDir = join(folder, 'refused');
    const { code, stderr } = await runCommand(['start'], folder, { PARLEY_CONFIG: file, PARLEY_DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(stderr).toContain('surplus');
    expect(stderr).not.toMatch(/\n\s+at /);
    await expect(rm(join(dataDir, 'redis', 'redis.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('doctor: ok lines for what works, a FAIL line for what does not', async () => {
    const good = world.config();
    const [sim] = good.models;
    const dead = { ...sim, id: 'dead', endpoints: [{ base_url: `http://127.0.0.1:${await deadPort()}/v1` }] };
    const [healthy, ill] = await Promise.all([
      runCommand(['doctor'], folder, { PARLEY_CONFIG: await write('healthy.yaml', good) }),
      runCommand(['doctor'], folder, {
        PARLEY_CONFIG: await write('ill.yaml', { ...good, models: [...good.models, dead] }),
      }),
    ]);
    expect(healthy.code, healthy.stdout + healthy.stderr).toBe(0);
    for (const what of ['redis', 'postgres', 'channel slack', 'channel telegram', 'channel feishu', 'model sim']) {
      expect(healthy.stdout).toMatch(new RegExp(`^ok {4}${what}`, 'm'));
    }
    expect(ill.code).toBe(1);
    expect(ill.stdout).toMatch(/^FAIL {2}model dead/m);
    expect(ill.stdout).toMatch(/^ok {4}model sim/m);
    expect(healthy.stdout + ill.stdout).not.toContain(world.telegram.credentials.bot_token);
  });
});

test('migrate, gateway and worker: each comes up on shared services, says that it is ready, and ends with 0', async () => {
  const { env, ...shared } = cleanup.add(await startSharedServices());
  const migrated = await runCommand(['migrate'], shared.folder, env);
  expect(migrated).toMatchObject({ code: 0, stderr: '' });
  const roles = ['gateway', 'worker'] as const;
  const started = roles.map((role) => startHub({ role, config: world.config(), env: { ...env, HOST: '127.0.0.1' } }));
  for (const hub of (await Promise.all(started)).map(cleanup.add)) {
    for (const path of ['/health', '/ready', '/metrics']) expect((await fetch(hub.url + path)).status).toBe(200);
    expect(await hub.terminate()).toBe(0);
    expect(hub.stderr()).toBe('');
  }
});

test.each(['openai', 'anthropic'])('the simulator of %s runs from the command line', async (api) => {
  const main = fileURLToPath(new URL('../simulators/src/models/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, api], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup.add({ stop: async () => child.kill('SIGKILL') });
  const [line] = await once(child.stdout, 'data');
  const response = await fetch(String(line).trim());
  expect(response.status).toBe(404);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { answered, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub, type World } from '../support/index.ts';
import { createEngine, type Engine, noEngine } from './support/engine.ts';
import { read, readYaml } from './support/files.ts';

/**
 * The Dockerfile and .dockerignore, read by a builder as they are, and containers of the image that run as
 * docker-compose.yml runs them. Only the base image is a stand-in: tests do not ask the registry that has the official one.
 */
const IMAGE = 'localhost/parley:test';
const BASE = `docker.io/library/node:${process.versions.node}-slim`;
const cleanup = createCleanup();
let engine: Engine;

vi.setConfig({ hookTimeout: 600_000, testTimeout: 120_000 });

describe.skipIf(noEngine)(`the image ${noEngine}`, () => {
  beforeAll(async () => {
    engine = cleanup.add(await createEngine());
    await engine.importBase(BASE);
    await engine.build('deploy/docker/Dockerfile', IMAGE);
  });
  afterAll(() => cleanup.run());

  test('says who it is: not root, tini first, a gateway unless told otherwise', async () => {
    const settings = await engine.podman('image', 'inspect', '--format', '{{json .Config}}', IMAGE);
    expect(JSON.parse(settings)).toMatchObject({
      User: '1000:1000',
      Entrypoint: ['tini', '--', 'node', 'apps/hub/src/main.ts'],
      Cmd: ['gateway'],
      WorkingDir: '/parley',
      ExposedPorts: { '8080/tcp': {}, '9464/tcp': {} },
      Env: expect.arrayContaining(['NODE_ENV=production', 'PARLEY_DATA_DIR=/data']),
    });
  });

  test('holds nothing that only development and tests need', async () => {
    const packages = (await inNew('ls', 'node_modules/.pnpm')).split('\n');
    expect(packages.length).toBeGreaterThan(100);
    const notShipped = /^(vitest|typescript|@biomejs|drizzle-kit|fast-check|vite|react|antd|node)[@+]/;
    expect(packages.filter((name) => notShipped.test(name))).toEqual([]);
    // What .dockerignore keeps away, and what no COPY names.
    const files = (await inNew('find', '/parley', '-name', 'node_modules', '-prune', '-o', '-type', 'f', '-print'))
      .split('\n')
      .filter((file) => file !== '');
    expect(files).toContain('/parley/apps/hub/src/main.ts');
    expect(files).toContain('/parley/apps/console/dist/index.html');
    expect(
      files.filter((file) =>
        /^\/parley\/(test|docs|data|config)\/|\/(testing|testkit|fixtures)\/|\.test\.ts$|\.env/.test(file),
      ),
    ).toEqual([]);
  });

  test('is as large as docs/operations says', async () => {
    const bytes = async (name: string) =>
      Number(await engine.podman('image', 'inspect', '--format', '{{.Size}}', name));
    const megabytes = ((await bytes(IMAGE)) - (await bytes(BASE))) / 1e6;
    const told = Number(/(\d+) MB on top of its base image/.exec(read('docs/operations/compose.md'))?.[1]);
    expect(megabytes).toBeGreaterThan(told * 0.9);
    expect(megabytes).toBeLessThan(told * 1.1);
  });

  test('refuses in a sentence what is missing', async () => {
    // It loads every adapter and SDK before it looks at its settings.
    await expect(engine.podman(...RUN, ...lockdown(), IMAGE)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]*REDIS_URL/),
    });
  });

  test('a gateway and a worker of it answer on every platform, locked down as the composition says', async () => {
    const world = cleanup.add(await createWorld());
    const gateway = await startPair(world);
    for (const name of PLATFORM_NAMES) {
      await world[name].say({ chat: 'image', text: 'who are you?' });
      await answered(world[name], 'image', 'who are you?');
    }
    const page = await fetch(gateway.url, { headers: { accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);

    const within = (...command: string[]) => engine.podman('exec', 'gateway', ...command);
    const processes = await within('sh', '-c', 'cat /proc/[0-9]*/status; true');
    expect(await within('cat', '/proc/1/comm')).toBe('tini\n');
    for (const line of [/^Uid:\t(.*)$/gm, /^Gid:\t(.*)$/gm])
      for (const [, ids] of processes.matchAll(line)) expect(ids).toBe('1000\t1000\t1000\t1000');
    expect(new Set(processes.match(/^(CapEff|CapBnd|NoNewPrivs):.*$/gm))).toEqual(
      new Set(['CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1']),
    );
    // Its tmpfs alone. Folders that only root may look into are no place to write to either.
    expect(await within('sh', '-c', 'find / -xdev -writable ! -type l 2>/dev/null; true')).toBe('/tmp\n');
    await within('node', '/parley/health.mjs', new URL(gateway.url).port);
    // tini hands the signal on, and the exit code back.
    expect(await gateway.terminate()).toBe(0);
  });
});

/** What docker-compose.yml gives every process of the hub, in podman's words. */
function lockdown(): string[] {
  const hub = z
    .object({
      read_only: z.literal(true),
      tmpfs: z.array(z.string()),
      cap_drop: z.array(z.string()),
      security_opt: z.array(z.string()),
    })
    .parse(z.looseObject({ 'x-hub': z.unknown() }).parse(readYaml('docker-compose.yml'))['x-hub']);
  return [
    // podman would bring folders that can be written to.
    ...['--read-only', '--read-only-tmpfs=false'],
    ...hub.tmpfs.flatMap((folder) => ['--tmpfs', folder]),
    ...hub.cap_drop.flatMap((name) => ['--cap-drop', name]),
    ...hub.security_opt.flatMap((option) => ['--security-opt', option]),
  ];
}

const RUN = ['run', '--rm', '--network=host', '--log-driver=none'];

/** The output of a program in a container of its own. */
const inNew = (program: string, ...args: string[]) =>
  engine.podman(...RUN, ...lockdown(), '--entrypoint', program, IMAGE, ...args);

/** Migrates, and starts a gateway and a worker, each in its container; returns the gateway. */
async function startPair(world: World) {
  const shared = cleanup.add(await startSharedServices());
  const config = await mkdtemp(join(tmpdir(), 'parley-image-'));
  cleanup.add({ stop: () => rm(config, { recursive: true, force: true }) });
  const sockets = new URL(shared.env.DATABASE_URL).searchParams.get('host') ?? '';
  // The user of the image reads the one and connects to what is in the other.
  for (const folder of [config, sockets]) await chmod(folder, 0o755);
  const env = { ...shared.env, HOST: '127.0.0.1' };
  const variables = [...Object.keys(env), 'PORT', 'PARLEY_CONFIG'].flatMap((name) => ['--env', name]);
  const mounts = [`${sockets}:${sockets}`, `${config}:${config}:ro`].flatMap((mount) => ['--volume', mount]);
  const words = (...more: string[]) => engine.words(...RUN, ...lockdown(), ...mounts, ...variables, ...more, IMAGE);
  const [program = '', ...args] = words();
  await promisify(execFile)(program, [...args, 'migrate'], { env: { ...process.env, ...env } });
  const start = async (role: 'gateway' | 'worker') =>
    cleanup.add(await startHub({ role, dataDir: config, config: world.config(), command: words('--name', role), env }));
  const [gateway] = await Promise.all([start('gateway'), start('worker')]);
  world.connect(gateway.url);
  return gateway;
}

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { answered, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub } from '../support/index.ts';
import { filesUnder, ROOT, read, readYaml } from './support/files.ts';
import { copiesOf, dockerfile, follow, instructions, stageOf } from './support/image.ts';

/** The Dockerfile, followed by hand, and the hub that is started from what comes of it. */
const run = promisify(execFile);
const cleanup = createCleanup();
/** The console's own stage takes too long to be followed here. */
const STAGES = [stageOf('packages'), stageOf()];
const copies = STAGES.flatMap(copiesOf);
let image: string;

vi.setConfig({ hookTimeout: 300_000, testTimeout: 120_000 });

beforeAll(async () => {
  image = await follow(STAGES);
  cleanup.add({ stop: () => rm(image, { recursive: true, force: true }) });
});
afterAll(() => cleanup.run());

test('the manifests it copies are those of the hub and of all it needs', () => {
  const manifest = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) });
  const packages = new Map(
    globSync(['apps/*/package.json', 'adapters/*/package.json', 'core/package.json', 'workers/package.json'], {
      cwd: ROOT,
    })
      .map((file) => [manifest.parse(JSON.parse(read(file))), file] as const)
      .map(([json, file]) => [json.name, { file, dependencies: Object.keys(json.dependencies) }]),
  );
  const needed = new Set(['@parley/hub']);
  for (const name of needed)
    for (const next of packages.get(name)?.dependencies ?? []) if (packages.has(next)) needed.add(next);
  const copied = copies.map(([from = '']) => from).filter((from) => /\/package\.json$/.test(from));
  expect(copied.sort()).toEqual([...needed].map((name) => packages.get(name)?.file).sort());
});

test('it runs the Node that everything is tested with, not as root', () => {
  const { catalog } = z.object({ catalog: z.record(z.string(), z.string()) }).parse(readYaml('pnpm-workspace.yaml'));
  expect(dockerfile).toContain(`ARG NODE_VERSION=${catalog.node}\n`);
  const from = instructions.filter((line) => line.startsWith('FROM '));
  expect(from.filter((line) => !/^FROM node:\$\{NODE_VERSION\}-slim( AS (packages|console))?$/.test(line))).toEqual([]);
  expect(instructions.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER 1000:1000');
});

test('its entry starts, without types being stripped inside node_modules, and refuses what is missing in a sentence', async () => {
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as string[];
  expect(entry.slice(0, 3)).toEqual(['tini', '--', 'node']);
  const hub = (command: string) =>
    run(process.execPath, [...entry.slice(3), command], { cwd: image, env: { PATH: process.env.PATH } });
  expect((await hub('help')).stdout).toContain('migrate');
  // Loads every adapter and SDK before it looks at its settings.
  // The layer with compiled code is made by the same call.
  expect(dockerfile).toContain('RUN node apps/hub/src/main.ts gateway');
  await expect(hub('gateway')).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^[^\n]*REDIS_URL/) });
  expect(existsSync(join(image, 'node_modules/.cache/parley'))).toBe(true);
});

test('a gateway and a worker of it answer on every platform, under a user who may write nowhere', async () => {
  const world = cleanup.add(await createWorld());
  const shared = cleanup.add(await startSharedServices());
  // The console as its stage builds it; npm test has done that before.
  const { buildConsole } = (await import(join(ROOT, 'deploy/bootstrap/console.mjs'))) as {
    buildConsole(root: string): void;
  };
  buildConsole(ROOT);
  await cp(join(ROOT, 'apps/console/dist'), join(image, 'apps/console/dist'), { recursive: true });
  const main = join(image, 'apps/hub/src/main.ts');
  const user = anyoneButRoot();
  await run(process.execPath, [main, 'migrate'], { cwd: '/', env: { ...shared.env, PATH: process.env.PATH }, ...user });
  const start = async (role: 'gateway' | 'worker') =>
    cleanup.add(
      await startHub({ role, main, user, config: world.config(), env: { ...shared.env, HOST: '127.0.0.1' } }),
    );
  const [gateway] = await Promise.all([start('gateway'), start('worker')]);
  world.connect(gateway.url);
  for (const name of PLATFORM_NAMES) {
    await world[name].say({ chat: 'image', text: 'who are you?' });
    await answered(world[name], 'image', 'who are you?');
  }
  const page = await fetch(gateway.url, { headers: { accept: 'text/html' } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
  expect(await run(process.execPath, [join(image, 'health.mjs'), new URL(gateway.url).port])).toBeTruthy();
});

/** Root may write everywhere, so it hands over to the user that Postgres runs under; others cannot, and write elsewhere. */
function anyoneButRoot(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

test('the console is built from what there is, and lies where the gateway looks for it', () => {
  const stage = stageOf('console');
  for (const path of copiesOf(stage).flatMap((paths) => paths.slice(0, -1)))
    expect({ path, exists: existsSync(join(ROOT, path)) }).toEqual({ path, exists: true });
  expect(JSON.parse(read('apps/console/package.json'))).toMatchObject({
    name: '@parley/console',
    scripts: { build: 'vite build' },
  });
  expect(dockerfile).toContain('COPY --from=console /parley/apps/console/dist apps/console/dist\n');
  expect(read('apps/hub/src/roles/gateway.ts')).toContain("'../../../console/dist'");
});

test('the console needs nothing but its own folder', () => {
  const files = filesUnder('apps/console', /\.(ts|tsx|css|html)$/).filter(
    (file) => !/\/(node_modules|dist)\//.test(file),
  );
  expect(files.length).toBeGreaterThan(50);
  const { dependencies, devDependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('apps/console/package.json')));
  const known = new Set(Object.keys({ ...dependencies, ...devDependencies }));
  const outside = files.flatMap((file) =>
    [...read(file).matchAll(/^(?:import|export) (?:[^;']* from )?'([^']+)'|\bimport\('([^']+)'\)/gm)]
      .map(([, name, later = '']) => name ?? later)
      .filter((name) =>
        name.startsWith('.')
          ? !join(dirname(file), name).startsWith('apps/console/')
          : !name.startsWith('node:') && !known.has(name.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? name),
      )
      .map((name) => `${file}: ${name}`),
  );
  expect(outside).toEqual([]);
});

test('it has no package that only development needs', async () => {
  const { stdout } = await run('ls', ['node_modules/.pnpm'], { cwd: image });
  for (const name of ['vitest', 'typescript', '@biomejs', 'drizzle-kit', 'fast-check', 'node'])
    expect(stdout).not.toMatch(new RegExp(`^${name}[@+]`, 'm'));
});

test('its health check tells a process that answers from one that does not', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 404;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const check = () => run(process.execPath, [join(image, 'health.mjs'), String(port)]);
  await expect(check()).resolves.toBeTruthy();
  await new Promise((resolve) => server.close(resolve));
  await expect(check()).rejects.toMatchObject({ code: 1 });
});

import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ROOT, read, readYaml } from './support/files.ts';

/**
 * There is no Docker engine where the tests run, so the Dockerfile is followed by hand: its copies into an empty folder,
 * its install, its entry. What it takes from the base image (Node itself, tini) is not tested by that.
 */
const run = promisify(execFile);
const dockerfile = read('deploy/docker/Dockerfile').replaceAll(/\\\n\s*/g, '');
const instructions = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
/** What each stage copies from the repository: sources, then the target. */
const stages = instructions
  .join('\n')
  .split(/^FROM /m)
  .slice(1);
const copiesOf = (stage = '') =>
  [...stage.matchAll(/^COPY (?!--from)(.*)$/gm)].map(([, paths = '']) => paths.split(' '));
/** The console is built by its own stage, which takes too long to be followed here. */
const copies = stages.filter((stage) => !stage.includes(' AS console')).flatMap(copiesOf);
let image: string;

vi.setConfig({ hookTimeout: 300_000 });

beforeAll(async () => {
  image = await mkdtemp(join(tmpdir(), 'parley-image-'));
  const ignored = new Set(['node_modules', 'fixtures', 'testing', 'testing.ts', 'testkit']);
  const filter = (path: string) =>
    !path.split('/').some((name) => ignored.has(name)) && !/\.test\.ts$|\.log$/.test(path);
  for (const copy of copies) {
    const to = copy.at(-1) ?? '';
    for (const from of copy.slice(0, -1)) {
      const target = to.endsWith('/') ? join(image, to, from.split('/').at(-1) ?? '') : join(image, to);
      await mkdir(dirname(target), { recursive: true });
      await cp(join(ROOT, from), target, { recursive: true, filter: (path) => filter(path.slice(ROOT.length)) });
    }
  }
  const install = instructions.find((line) => line.includes('pnpm@12 install'))?.replace('RUN ', '') ?? '';
  // What is installed came from this store a moment ago: nothing has to be fetched.
  await run('sh', ['-c', install.replace('--prod', '--prod --offline')], {
    cwd: image,
    env: { ...process.env, CI: 'true' },
  });
});
afterAll(() => rm(image, { recursive: true, force: true }));

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
  expect((await hub('help')).stderr).toContain('migrate');
  // Loads every adapter and SDK before it looks at its settings.
  // The layer with compiled code is made by the same call.
  expect(dockerfile).toContain('RUN node apps/hub/src/main.ts gateway');
  await expect(hub('gateway')).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^[^\n]*REDIS_URL/) });
  expect(existsSync(join(image, 'node_modules/.cache/parley'))).toBe(true);
});

test('the console is built from what there is, and lies where the gateway looks for it', () => {
  const stage = stages.find((one) => one.includes(' AS console'));
  for (const path of copiesOf(stage).flatMap((paths) => paths.slice(0, -1)))
    expect({ path, exists: existsSync(join(ROOT, path)) }).toEqual({ path, exists: true });
  expect(JSON.parse(read('apps/console/package.json'))).toMatchObject({
    name: '@parley/console',
    scripts: { build: 'vite build' },
  });
  expect(dockerfile).toContain('COPY --from=console /parley/apps/console/dist apps/console/dist\n');
  expect(read('apps/hub/src/roles/gateway.ts')).toContain("'../../../console/dist'");
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

import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { filesUnder, ROOT, read, readYaml } from './support/files.ts';
import { copiesOf, dockerfile, instructions, stageOf } from './support/image.ts';

/** What can be said of the Dockerfile by reading it. It is built and run by image-build.test.ts. */
const run = promisify(execFile);
const copies = [stageOf('packages'), stageOf()].flatMap(copiesOf);

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

test('the console is built from nothing but its own folder', () => {
  // `dev` is a mock to develop against, which knows core's roles. What is built may know neither.
  const isBuilt = (file: string) => !/\/(node_modules|dist|dev)\/|\.test\.tsx?$/.test(file);
  const files = filesUnder('apps/console', /\.(ts|tsx|css|html)$/).filter(isBuilt);
  expect(files.length).toBeGreaterThan(50);
  const { dependencies, devDependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('apps/console/package.json')));
  const known = new Set(
    Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !/^@parley\//.test(name)),
  );
  const outside = files.flatMap((file) =>
    [...read(file).matchAll(/^(?:import|export) (?:[^;']* from )?'([^']+)'|\bimport\('([^']+)'\)/gm)]
      .map(([, name, later = '']) => name ?? later)
      .filter((name) => {
        const path = join(dirname(file), name);
        return name.startsWith('.')
          ? !path.startsWith('apps/console/') || !isBuilt(path)
          : !name.startsWith('node:') && !known.has(name.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? name);
      })
      .map((name) => `${file}: ${name}`),
  );
  expect(outside).toEqual([]);
});

test('its health check tells a process that answers from one that does not', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 404;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const check = () => run(process.execPath, [join(ROOT, 'deploy/docker/health.mjs'), String(port)]);
  await expect(check()).resolves.toBeTruthy();
  await new Promise((resolve) => server.close(resolve));
  await expect(check()).rejects.toMatchObject({ code: 1 });
});

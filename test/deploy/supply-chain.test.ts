import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { filesUnder, ROOT, read, readYaml } from './support/files.ts';
import { installedLicences, lockfile, shippedPackages } from './support/packages.ts';

/** What Parley is made of: exact versions in one place, licences that may be shipped, a list of all of it. */
const run = promisify(execFile);
const { catalog } = z.object({ catalog: z.record(z.string(), z.string()) }).parse(readYaml('pnpm-workspace.yaml'));
const MANIFESTS = globSync(
  ['package.json', '{apps,adapters,test}/*/package.json', '{core,workers,test}/package.json'],
  {
    cwd: ROOT,
  },
);
const versions = z.record(z.string(), z.string()).default({});
const manifest = z.looseObject({
  scripts: versions,
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
});
const manifests = MANIFESTS.map((file) => manifest.parse(JSON.parse(read(file))));
const named = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies, peerDependencies }) =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies }),
);

describe('versions', () => {
  test('each is exact, stands in the catalog alone, and is used', () => {
    expect(MANIFESTS.length).toBeGreaterThan(10);
    const loose = Object.entries(catalog).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
    expect(named.filter(([, version]) => version !== 'catalog:' && version !== 'workspace:*')).toEqual([]);
    const used = new Set(named.filter(([, version]) => version === 'catalog:').map(([name]) => name));
    expect([...used].sort()).toEqual(Object.keys(catalog).sort());
  });

  test('each package of the lockfile comes from the registry and is known by its hash', () => {
    const packages = Object.entries(lockfile.packages);
    expect(packages.length).toBeGreaterThan(300);
    const unsure = packages.filter(
      ([, { resolution }]) => !resolution.integrity?.startsWith('sha512-') || resolution.tarball !== undefined,
    );
    expect(unsure).toEqual([]);
  });

  test('pnpm itself is the same one everywhere', () => {
    const places = [
      'package.json',
      'deploy/docker/Dockerfile',
      'deploy/bootstrap/packages.mjs',
      'deploy/bootstrap/audit.mjs',
    ];
    const found = places.flatMap((file) => [...read(file).matchAll(/pnpm@([\w.-]+)/g)].map(([, version]) => version));
    expect(found.length).toBeGreaterThanOrEqual(places.length);
    expect(new Set(found).size).toBe(1);
    expect(found[0]).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('images that are run name a version', () => {
    const files = ['docker-compose.yml', ...filesUnder('deploy', /\.ya?ml$|^Dockerfile$/)];
    const images = files.flatMap((file) =>
      [...read(file).matchAll(/^\s*image: (\S+)/gm)].map(([, image = '']) => image),
    );
    expect(images.length).toBeGreaterThan(10);
    // `parley` is this repository's own: Kustomize puts the registry and the version there.
    const loose = images.filter(
      (image) => !/:v?\d+\.\d/.test(image) && !/^parley(:\$\{PARLEY_VERSION:-local\})?$/.test(image),
    );
    expect(loose).toEqual([]);
  });
});

describe('licences', () => {
  /** May be shipped with MIT code, without a question. Another one is a decision: read it first. */
  const ALLOWED = new Set([
    'MIT',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'Apache-2.0',
    '0BSD',
    'BlueOak-1.0.0',
    'Unlicense',
  ]);
  const isAllowed = (licence: string): boolean =>
    licence
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some((one) => one.split(' AND ').every((part) => ALLOWED.has(part)));

  test('of everything that is shipped are among those allowed', () => {
    const licences = installedLicences();
    const shipped = shippedPackages();
    expect(shipped.length).toBeGreaterThan(200);
    expect(shipped).toEqual(expect.arrayContaining([`fastify@${catalog.fastify}`, `react@${catalog.react}`]));
    // Of packages that hold a program for one machine only the one for this machine is installed.
    const elsewhere = ({ os, cpu }: { os?: string[] | undefined; cpu?: string[] | undefined } = {}) => os ?? cpu;
    const refused = shipped
      .filter((name) => licences.has(name) || !elsewhere(lockfile.packages[name]))
      .map((name) => ({ name, licence: licences.get(name) ?? 'not installed' }))
      .filter(({ licence }) => !isAllowed(licence));
    expect(refused).toEqual([]);
  });

  test('the check knows one it does not want', () => {
    expect(['GPL-3.0-only', 'MIT AND GPL-2.0-only', 'none', 'SEE LICENSE IN x'].filter(isAllowed)).toEqual([]);
    expect(isAllowed('(GPL-2.0-only OR MIT)')).toBe(true);
  });
});

describe('npm run sbom', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-sbom-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('lists in CycloneDX all that is shipped, with its hash, and nothing that only tests need', async () => {
    const [, ...args] = (manifests[MANIFESTS.indexOf('package.json')]?.scripts.sbom ?? '').split(' ');
    const file = join(folder, 'sbom.json');
    // pnpm is in npm's cache since the packages were installed.
    const env = { ...process.env, npm_config_prefer_offline: 'true' };
    await run('npx', [...args.slice(0, -1), file], { cwd: ROOT, env });
    const sbom = z
      .object({
        bomFormat: z.literal('CycloneDX'),
        components: z.array(
          z.looseObject({
            purl: z.string(),
            externalReferences: z
              .array(z.looseObject({ hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional() }))
              .default([]),
          }),
        ),
      })
      .parse(JSON.parse(await readFile(file, 'utf8')));
    const components = new Map(
      sbom.components.map((one) => [decodeURIComponent(one.purl.replace('pkg:npm/', '')), one]),
    );
    // Types are no code, and of packages that hold a program for one machine pnpm lists the one for this machine.
    const installed = installedLicences();
    const shipped = shippedPackages();
    const packages = shipped.filter((name) => !name.startsWith('@types/') && installed.has(name));
    expect(packages.filter((name) => !components.has(name))).toEqual([]);
    const ours = new Set(shipped);
    const more = [...components.keys()].filter((name) => !ours.has(name) && !name.startsWith('@parley/'));
    expect(more).toEqual([]);
    const hashes = packages.map((name) => components.get(name)?.externalReferences[0]?.hashes?.[0]);
    expect(hashes.filter((hash) => hash?.alg !== 'SHA-512' || hash.content.length !== 128)).toEqual([]);
  });
});

describe('.github/workflows/ci.yml', () => {
  const workflow = z
    .object({
      on: z.looseObject({}),
      permissions: z.object({ contents: z.literal('read') }),
      jobs: z.record(
        z.string(),
        z.object({
          'runs-on': z.string(),
          container: z.string().optional(),
          'timeout-minutes': z.number(),
          steps: z.array(
            z.object({ uses: z.string().optional(), run: z.string().optional(), with: z.looseObject({}).optional() }),
          ),
        }),
      ),
    })
    .parse(readYaml('.github/workflows/ci.yml'));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run: command }) => command?.replace(/ #.*/, '') ?? []);

  test("runs the README's test command as it stands there, and the audit", () => {
    const [, command] = /^(npm \w+)\s+# lint, type check, every test$/m.exec(read('README.md')) ?? [];
    expect(commands).toEqual(expect.arrayContaining([command, 'npm run audit', 'npm run sbom']));
    const scripts = manifests[MANIFESTS.indexOf('package.json')]?.scripts ?? {};
    for (const [, script = ''] of commands.join('\n').matchAll(/^npm run (\w+)/gm))
      expect(scripts).toHaveProperty(script);
  });

  test('runs nobody else’s code that could be another one tomorrow', () => {
    const uses = steps.flatMap(({ uses: action }) => action ?? []);
    expect(uses.length).toBeGreaterThan(2);
    expect(uses.filter((action) => !/^actions\/[a-z-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });
});

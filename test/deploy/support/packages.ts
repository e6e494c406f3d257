import { globSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT, readYaml } from './files.ts';

const importer = z.looseObject({
  dependencies: z.record(z.string(), z.object({ version: z.string() })).default({}),
});
const snapshot = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** What of pnpm-lock.yaml is looked at. */
export const lockfile = z
  .object({
    importers: z.record(z.string(), importer),
    packages: z.record(
      z.string(),
      z.looseObject({
        resolution: z.looseObject({ integrity: z.string().optional(), tarball: z.string().optional() }),
        os: z.array(z.string()).optional(),
        cpu: z.array(z.string()).optional(),
      }),
    ),
    snapshots: z.record(z.string(), snapshot),
  })
  .parse(readYaml('pnpm-lock.yaml'));

/** What only tests and development need; the root's own is Node, which the image has from its base. */
const NOT_SHIPPED = /^(\.|test(\/.*)?)$/;

/** `name@version` of every package of npm that is shipped: what the hub and the console's page depend on, however far. */
export function shippedPackages(): string[] {
  const direct = Object.entries(lockfile.importers)
    .filter(([folder]) => !NOT_SHIPPED.test(folder))
    .flatMap(([, { dependencies }]) => Object.entries(dependencies).map(([name, { version }]) => keyOf(name, version)));
  const keys = new Set(direct.filter((key) => key !== undefined));
  for (const key of keys) {
    const { dependencies = {}, optionalDependencies = {} } = lockfile.snapshots[key] ?? {};
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      const next = keyOf(name, version);
      if (next) keys.add(next);
    }
  }
  return [...new Set([...keys].map((key) => key.replace(/\(.*$/, '')))].sort();
}

/** The snapshot that a dependency leads to: nothing for a folder of the workspace; an alias names its package itself. */
function keyOf(name: string, version: string): string | undefined {
  if (version.startsWith('link:')) return undefined;
  return version in lockfile.snapshots ? version : `${name}@${version}`;
}

/** `name@version` → what its package.json says of its licence, for every package that is installed here. */
export function installedLicences(): Map<string, string> {
  const manifest = z.looseObject({
    name: z.string(),
    version: z.string(),
    license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]).optional(),
  });
  const files = globSync(
    ['node_modules/.pnpm/*/node_modules/*/package.json', 'node_modules/.pnpm/*/node_modules/@*/*/package.json'],
    { cwd: ROOT },
  ).filter((file) => !lstatSync(join(ROOT, file, '..')).isSymbolicLink());
  return new Map(
    files.map((file) => {
      const { name, version, license } = manifest.parse(JSON.parse(readFileSync(join(ROOT, file), 'utf8')));
      return [`${name}@${version}`, license ?? 'none'];
    }),
  );
}

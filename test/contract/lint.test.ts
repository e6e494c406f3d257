import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Case = [folder: string, imported: string, extension: string];

/** Who may import whom (docs: the layout), as the linter enforces it: `folder imports what`. */
const FORBIDDEN: Case[] = [
  // core imports npm only
  ...across('core/src/bus', [
    '@parley/core/message',
    '@parley/adapter-slack',
    '@parley/adapter-registry',
    '@parley/workers',
    '@parley/gateway',
    '@parley/hub',
    '@parley/test',
    '@parley/simulators',
    '@parley/simulators/slack',
    '../../../adapters/slack/src/index.ts',
    '../../../apps/gateway/src/index.ts',
    '../../../workers/src/index.ts',
    '../../../test/simulators/src/index.ts',
  ]),
  ...across('core/src/bus/scripts', ['../../../../workers/src/index.ts', '../../../../adapters/registry/src/index.ts']),
  ...across('core/src', ['../../apps/hub/src/main.ts']),
  ...across(
    'core/src/store',
    ['@parley/test', '../../../test/simulators/src/index.ts', '../../../workers/src/index.ts'],
    '.test.ts',
  ),
  // an adapter imports core's domain types, never the bus, the store or another adapter
  ...['feishu', 'slack', 'telegram'].flatMap((name) =>
    across(`adapters/${name}/src`, [
      '@parley/core/bus',
      '@parley/core/store',
      '@parley/core/chat',
      '@parley/core/quota',
      '@parley/core/provider',
      '@parley/core/secrets',
      '@parley/adapter-registry',
      `@parley/adapter-${name === 'slack' ? 'feishu' : 'slack'}`,
      '@parley/workers',
      '@parley/gateway',
      '@parley/hub',
      '@parley/test',
      '@parley/simulators',
      '@parley/simulators/slack',
      '../../registry/src/index.ts',
      `../../${name === 'slack' ? 'feishu' : 'slack'}/src/format.ts`,
      '../../../core/src/bus/index.ts',
      '../../../test/support/index.ts',
      '../../../workers/src/index.ts',
    ]),
  ),
  ...across('adapters/slack/src/testkit', ['../../../telegram/src/index.ts', '../../../../core/src/bus/index.ts']),
  // a platform that nobody has heard of yet is held to the same
  ...across('adapters/teams/src', [
    '@parley/core/bus',
    '@parley/adapter-slack',
    '@parley/simulators',
    '../../slack/src/text.ts',
  ]),
  ...across('adapters/registry/src', [
    '@parley/workers',
    '@parley/gateway',
    '@parley/hub',
    '@parley/test',
    '@parley/simulators/slack',
    '../../slack/src/index.ts',
    '../../../core/src/adapter/index.ts',
    '../../../test/support/index.ts',
  ]),
  // gateway and workers never meet, and reach platforms through the registry alone
  ...across('apps/gateway/src', [
    '@parley/workers',
    '@parley/hub',
    '@parley/adapter-slack',
    '@parley/test',
    '@parley/simulators',
    '../../hub/src/main.ts',
    '../../../workers/src/index.ts',
    '../../../core/src/bus/index.ts',
    '../../../adapters/slack/src/index.ts',
    '../../../test/support/index.ts',
  ]),
  ...across('apps/gateway/src/admin', ['../../../hub/src/main.ts', '../../../../workers/src/index.ts']),
  ...across('workers/src/chat', [
    '@parley/gateway',
    '@parley/hub',
    '@parley/adapter-slack',
    '@parley/test',
    '@parley/simulators',
    '../../../apps/gateway/src/index.ts',
    '../../../core/src/bus/index.ts',
    '../../../adapters/slack/src/index.ts',
    '../../../test/support/index.ts',
  ]),
  ...across('workers/src', ['../../core/src/bus/index.ts', '../../apps/gateway/src/index.ts']),
  // nobody imports test, and nobody reaches around a package's exports
  ...across('apps/hub/src/commands', [
    '@parley/test',
    '@parley/simulators',
    '@parley/simulators/slack',
    '../../../gateway/src/server.ts',
    '../../../../core/src/bus/index.ts',
    '../../../../workers/src/index.ts',
    '../../../../adapters/registry/src/index.ts',
    '../../../../test/support/index.ts',
  ]),
  ...across('apps/console/src', [
    '@parley/gateway',
    '@parley/test',
    '../../gateway/src/server.ts',
    '../../../core/src/message/index.ts',
  ]),
];

/** So that a rule which forbids everything is noticed. */
const ALLOWED: Case[] = [
  ...across('core/src/bus', ['ioredis', '../errors/index.ts', './keys.ts', 'node:crypto']),
  ...across('core/src/bus/scripts', ['../../errors/index.ts']),
  ...across('core/src/store', ['../../../test/support/postgres.ts', './store.ts'], '.test.ts'),
  ...['feishu', 'slack', 'telegram', 'teams'].flatMap((name) =>
    across(`adapters/${name}/src`, [
      ...['adapter', 'config', 'errors', 'i18n', 'markdown', 'message'].map((folder) => `@parley/core/${folder}`),
      'undici',
      './parse.ts',
    ]),
  ),
  ...across('adapters/slack/src/testkit', ['../send.ts']),
  ...across('adapters/registry/src', ['@parley/core/adapter', '@parley/core/config', '@parley/adapter-slack']),
  ...across('apps/gateway/src', ['@parley/core/bus', '@parley/adapter-registry', 'fastify', './server.ts']),
  ...across('apps/gateway/src/admin', ['../server.ts']),
  ...across('workers/src/chat', ['@parley/core/bus', '@parley/adapter-registry', '../delivery/deliver.ts']),
  ...across('apps/hub/src/commands', [
    '@parley/core/store',
    '@parley/adapter-registry',
    '@parley/gateway',
    '@parley/workers',
    '../roles/core.ts',
  ]),
  ...across('test/flow/helpers', [
    '@parley/core/bus',
    '@parley/hub',
    '@parley/simulators/slack',
    '../../support/index.ts',
  ]),
];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const cases = [...FORBIDDEN, ...ALLOWED].map(([folder, imported, extension], index) => ({
  file: `${folder}/case${index}${extension}`,
  imported,
}));
const name = ({ file, imported }: (typeof cases)[number]) => `${dirname(file)} → ${imported}`;
let refused: Set<string>;
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'parley-lint-'));
  await copyFile(join(ROOT, 'biome.json'), join(copy, 'biome.json'));
  for (const { file, imported } of cases) {
    await mkdir(join(copy, dirname(file)), { recursive: true });
    await writeFile(join(copy, file), `import { it } from '${imported}';\n\nexport const copy = it;\n`);
  }
  refused = await lint(copy);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

test.each(cases.slice(0, FORBIDDEN.length).map((one) => [name(one), one.file]))('%s is refused', (_name, file) => {
  expect(refused).toContain(file);
});

test.each(cases.slice(FORBIDDEN.length).map((one) => [name(one), one.file]))('%s is allowed', (_name, file) => {
  expect(refused).not.toContain(file);
});

/** The files in which the linter found an import it refuses. */
async function lint(folder: string): Promise<Set<string>> {
  const options = [
    '--only=style/noRestrictedImports',
    '--vcs-enabled=false',
    '--max-diagnostics=none',
    '--reporter=json',
  ];
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const run = promisify(execFile)(biome, ['lint', ...options, '.'], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  // It ends with 1 as soon as it finds anything, which it does.
  const { stdout } = (await run.catch((error: unknown) => error)) as { stdout: string };
  const report = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  const found = report.diagnostics.filter(({ category }) => category.endsWith('noRestrictedImports'));
  return new Set(found.map(({ location: { path } }) => (typeof path === 'string' ? path : path.file)));
}

function across(folder: string, imports: string[], extension = '.ts'): Case[] {
  return imports.map((imported) => [folder, imported, extension]);
}

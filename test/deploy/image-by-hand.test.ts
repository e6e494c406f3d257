import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answered, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub } from '../support/index.ts';
import { noEngine } from './support/engine.ts';
import { ROOT } from './support/files.ts';
import { dockerfile, follow, stageOf } from './support/image.ts';

/** Where no image can be built: the Dockerfile, followed by hand, and the hub that is started from what comes of it. */
const run = promisify(execFile);
const cleanup = createCleanup();
let image: string;

vi.setConfig({ hookTimeout: 300_000, testTimeout: 120_000 });

describe.skipIf(!noEngine)('the Dockerfile by hand', () => {
  beforeAll(async () => {
    // The console's own stage takes too long to be followed here.
    image = await follow([stageOf('packages'), stageOf()]);
    cleanup.add({ stop: () => rm(image, { recursive: true, force: true }) });
  });
  afterAll(() => cleanup.run());

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
    await run(process.execPath, [main, 'migrate'], {
      cwd: '/',
      env: { ...shared.env, PATH: process.env.PATH },
      ...user,
    });
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

  test('it has no package that only development needs', async () => {
    const { stdout } = await run('ls', ['node_modules/.pnpm'], { cwd: image });
    for (const name of ['vitest', 'typescript', '@biomejs', 'drizzle-kit', 'fast-check', 'node'])
      expect(stdout).not.toMatch(new RegExp(`^${name}[@+]`, 'm'));
  });
});

/** Root may write everywhere, so it hands over to the user that Postgres runs under; others cannot, and write elsewhere. */
function anyoneButRoot(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

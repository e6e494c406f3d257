import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { DEPLOY, read } from './support/files.ts';
import { findProgram } from './support/programs.ts';

/** The load scripts against a real hub: what they sign is believed, and every request is another question. */
const run = promisify(execFile);
const jmeter = findProgram('jmeter', 'jmeter');
/** Debian 12 has 2.13, whose own library refuses every plan (ForbiddenClassException): it counts as missing. */
const isTooOld = jmeter.missing || !/(^|\s)([3-9]|\d\d)\.\d+(\.\d+)?\s/.test(versionOf(jmeter.path));
const cleanup = createCleanup();
let world: World;
let hub: TestHub;

vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  hub = cleanup.add(await startHub({ config: world.config() }));
});
afterAll(() => cleanup.run());

function versionOf(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

/** The secrets of the simulated platforms, under the names of the quick start. */
const secrets = () =>
  Object.fromEntries(
    PLATFORM_NAMES.flatMap((name) =>
      Object.entries(world[name].credentials).map(([key, value]) => [`${name}_${key}`.toUpperCase(), value]),
    ),
  );
const accepted = (platform: string) => metric(hub.url, 'parley_events_total', { platform, outcome: 'accepted' });

describe('webhooks.mjs', () => {
  const load = (args: string[], env: Record<string, string>) =>
    run(process.execPath, [join(DEPLOY, 'load/webhooks.mjs'), '--url', hub.url, ...args], { env });

  test.each(PLATFORM_NAMES)('%s: signed, accepted, none twice', async (platform) => {
    const { stdout } = await load(['--platform', platform, '--duration', '2', '--connections', '4'], secrets());
    const result = JSON.parse(stdout) as { answered: number; refused: number; latency_ms: { p99: number } };
    expect(result).toMatchObject({ refused: 0, errors: 0, timeouts: 0, latency_ms: { p99: expect.any(Number) } });
    expect(result.answered).toBeGreaterThan(0);
    // What was under way at the end has arrived, too, though nobody waited for its answer.
    expect(await accepted(platform)).toBeGreaterThanOrEqual(result.answered);
    expect(await metric(hub.url, 'parley_events_total', { platform, outcome: 'duplicate' })).toBe(0);
  });

  test('a wrong secret is refused, and the exit code says so', async () => {
    const env = { ...secrets(), SLACK_SIGNING_SECRET: randomBytes(16).toString('hex') };
    const failed = load(['--platform', 'slack', '--duration', '1', '--connections', '1'], env);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/"answered":0,"refused":[1-9]/),
    });
    await expect(load(['--platform', 'slack'], {})).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SLACK_SIGNING_SECRET'),
    });
  });
});

test("JMeter's plan is whole: every element is closed, nothing unescaped is left", () => {
  const plan = read('deploy/load/parley.jmx').replace(/<!--[\s\S]*?-->|<\?xml[^>]*\?>/g, '');
  const open: string[] = [];
  const rest = plan.replace(/<(\/?)([A-Za-z]+)[^<>]*?(\/?)>/g, (_tag, closes, name, empty) => {
    if (closes) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
    return '';
  });
  expect(open).toEqual([]);
  expect(rest).not.toContain('<');
  expect(plan).toMatch(/\/webhooks\/slack\/\$\{__P\(channel,slack\)\}/);
});

describe.skipIf(isTooOld)(`JMeter ${isTooOld ? '(skipped: needs JMeter 3 or newer)' : ''}`, () => {
  test('the plan runs without a screen: signed, accepted, none twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-jmeter-'));
    cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
    const before = await accepted('slack');
    const { port } = new URL(hub.url);
    const properties = { host: '127.0.0.1', port, channel: 'slack', users: '2', seconds: '2', run: 'JM' };
    await run(
      jmeter.path,
      [
        ...[
          '-n',
          '-t',
          join(DEPLOY, 'load/parley.jmx'),
          '-l',
          join(folder, 'result.jtl'),
          '-j',
          join(folder, 'jmeter.log'),
        ],
        ...['-Jjmeter.save.saveservice.output_format=csv', '-Jjmeter.save.saveservice.print_field_names=false'],
        ...Object.entries(properties).map(([name, value]) => `-J${name}=${value}`),
      ],
      { cwd: folder, env: { ...secrets(), PATH: process.env.PATH, HOME: folder } },
    );
    const lines = (await readFile(join(folder, 'result.jtl'), 'utf8')).trim().split('\n');
    const codes = new Set(lines.map((line) => line.split(',')[3]));
    expect({ codes, log: codes.has('200') ? '' : await readFile(join(folder, 'jmeter.log'), 'utf8') }).toMatchObject({
      codes: new Set(['200']),
    });
    await until('all of them', async () => (await accepted('slack')) - before >= lines.length);
    expect(lines.length).toBeGreaterThan(2);
  });
});

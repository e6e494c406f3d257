import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { startTcpRedis } from '../flow/helpers/tcp-redis.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { DEPLOY, read } from './support/files.ts';
import { secretsOf } from './support/load.ts';
import { findProgram } from './support/programs.ts';

/** The load scripts against a real hub: what they sign is believed, and every request is another question. */
const run = promisify(execFile);
const jmeter = findProgram('jmeter', 'jmeter jmeter-http');
const cleanup = createCleanup();
let world: World;
let hub: TestHub;

vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld({ strangers: true }));
  hub = cleanup.add(await startHub({ config: world.config() }));
});
afterAll(() => cleanup.run());

const secrets = () => secretsOf(world);
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

test('cost.mjs divides what the hub and Redis have used by what was answered', async () => {
  const shared = cleanup.add(await startTcpRedis());
  const own = cleanup.add(await startHub({ config: world.config(), env: { REDIS_URL: shared.url } }));
  world.connect(own.url);
  const load = [join(DEPLOY, 'load/webhooks.mjs'), '--url', own.url, '--platform', 'slack', '--duration', '1'];
  const args = ['--metrics', `${own.url}/metrics`, '--redis', shared.url, '--', process.execPath, ...load];
  const { stdout } = await run(process.execPath, [join(DEPLOY, 'load/cost.mjs'), ...args, '--connections', '1'], {
    env: secrets(),
  });
  const lines = stdout.trim().split('\n');
  const cost = z
    .object({
      messages: z.number(),
      failed: z.literal(0),
      processes: z.tuple([z.object({ cpu_ms: z.number().positive(), rss_mb: z.number().positive() })]),
      redis: z.object({ cpu_ms: z.number(), commands: z.number().positive(), kept_bytes: z.number() }),
    })
    .parse(JSON.parse(lines.at(-1) ?? ''));
  expect(cost.messages).toBeGreaterThanOrEqual(JSON.parse(lines[0] ?? '').answered);
  await expect(run(process.execPath, [join(DEPLOY, 'load/cost.mjs')])).rejects.toMatchObject({ code: 2 });
});

describe.skipIf(jmeter.missing)(`JMeter ${jmeter.note}`, () => {
  test('the plan runs without a screen: signed, accepted, none twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-jmeter-'));
    cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
    const before = await accepted('slack');
    const [result, log] = [join(folder, 'result.jtl'), join(folder, 'jmeter.log')];
    const properties = {
      ...{ host: '127.0.0.1', port: new URL(hub.url).port, channel: 'slack', users: '2', seconds: '2', run: 'JM' },
      'jmeter.save.saveservice.output_format': 'csv',
      'jmeter.save.saveservice.print_field_names': 'false',
    };
    const { stdout, stderr } = await run(
      'sh',
      [
        ...[join(DEPLOY, 'load/jmeter.sh'), '-n', '-t', join(DEPLOY, 'load/parley.jmx'), '-l', result, '-j', log],
        ...Object.entries(properties).map(([name, value]) => `-J${name}=${value}`),
      ],
      { cwd: folder, env: { ...secrets(), PATH: process.env.PATH, HOME: folder } },
    );
    const [said, lines] = await Promise.all([readFile(log, 'utf8'), readFile(result, 'utf8').catch(() => '')]);
    const codes = new Set(
      lines
        .trim()
        .split('\n')
        .map((line) => line.split(',')[3]),
    );
    expect(codes, `${stdout}${stderr}${said}`).toEqual(new Set(['200']));
    const count = lines.trim().split('\n').length;
    expect(count).toBeGreaterThan(0);
    await until('all of them', async () => (await accepted('slack')) - before >= count);
    expect(await metric(hub.url, 'parley_events_total', { platform: 'slack', outcome: 'duplicate' })).toBe(0);
  });
});

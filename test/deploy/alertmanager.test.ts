import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer as startHttp } from '@parley/simulators/shared';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answered, botSaid } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { createWorld, startHub, until } from '../support/index.ts';
import { DEPLOY } from './support/files.ts';
import { findProgram } from './support/programs.ts';
import { startServer } from './support/servers.ts';

/** The configuration as amtool and Alertmanager read it, up to the message in the chat. */
const run = promisify(execFile);
const amtool = findProgram('amtool', 'prometheus-alertmanager');
const alertmanager = findProgram('prometheus-alertmanager', 'prometheus-alertmanager');
const cleanup = createCleanup();
const TOKEN = 'a-token-only-for-this-test';
vi.setConfig({ testTimeout: 90_000 });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-am-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
});
afterAll(() => cleanup.run());

/** What render.sh makes of the file, as the container does at its start. */
async function render(env: Record<string, string>): Promise<string> {
  const target = join(folder, `${Object.keys(env).join('-') || 'plain'}.yml`);
  await run('sh', [join(DEPLOY, 'alertmanager/render.sh'), join(DEPLOY, 'alertmanager/alertmanager.yml'), target], {
    env: { PATH: process.env.PATH, ...env },
  });
  return target;
}
const CHAT = { PARLEY_ALERT_CHANNEL: 'slack', PARLEY_ALERT_CHAT: 'ops' };

test('a chat that is no id ends the start instead of the configuration', async () => {
  for (const chat of ['a|b', 'x/../y', 'a b', '"']) {
    await expect(render({ ...CHAT, PARLEY_ALERT_CHAT: chat })).rejects.toThrow(/is no id/);
  }
  await expect(render({ ...CHAT, PARLEY_ALERT_HUB: 'http://a|b' })).rejects.toThrow(/is no address/);
});

describe.skipIf(amtool.missing)(`amtool ${amtool.note}`, () => {
  test.each([
    ['as it stands', {}, 3],
    ['with a chat', CHAT, 3],
    ['with a chat and WeCom', { ...CHAT, PARLEY_ALERT_WECOM: '1' }, 4],
  ])('takes it %s', async (_how, env, receivers) => {
    const file = await render(env);
    const { stdout } = await run(amtool.path, ['check-config', file]);
    expect(stdout).toContain(`${receivers} receivers`);
    expect((await readFile(file, 'utf8')).includes('/webhooks/alertmanager/slack/ops')).toBe(
      'PARLEY_ALERT_CHAT' in env,
    );
  });

  test('routes by severity', async () => {
    const file = await render({ ...CHAT, PARLEY_ALERT_WECOM: '1' });
    const route = async (...labels: string[]) =>
      (await run(amtool.path, ['config', 'routes', 'test', `--config.file=${file}`, ...labels])).stdout.trim();
    expect(await route('severity=critical', 'alertname=ParleyUnavailable')).toBe('wecom,critical');
    expect(await route('severity=warning', 'alertname=ParleyQueueOld')).toBe('warning');
    expect(await route('alertname=Somebody')).toBe('nobody');
  });
});

describe.skipIf(alertmanager.missing)(`Alertmanager ${alertmanager.note}`, () => {
  test('an alert it is told arrives in the chat, the lower level of the same does not', async () => {
    const world = cleanup.add(await createWorld());
    const hub = cleanup.add(await startHub({ config: world.config(), env: { PARLEY_ALERTMANAGER_TOKEN: TOKEN } }));
    world.connect(hub.url);
    await world.slack.say({ chat: 'ops', text: 'hello' });
    await answered(world.slack, 'ops', 'hello');
    const file = await render({
      ...CHAT,
      PARLEY_ALERT_HUB: hub.url,
      PARLEY_ALERT_TOKEN_FILE: join(folder, 'token'),
    });
    const text = (await readFile(file, 'utf8'))
      // Nobody waits half a minute for company in a test.
      .replaceAll(/group_wait: \d+s/g, 'group_wait: 1s');
    await Promise.all([writeFile(file, text), writeFile(join(folder, 'token'), TOKEN)]);
    const server = cleanup.add(
      await startServer(
        alertmanager.path,
        (port) => [
          `--config.file=${file}`,
          `--storage.path=${join(folder, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--cluster.listen-address=',
        ],
        '/-/ready',
      ),
    );
    const anAlert = (severity: string) => ({
      labels: { alertname: 'ParleyQueueOld', severity },
      annotations: { summary: `It is ${severity}` },
    });
    const told = await fetch(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([anAlert('critical'), anAlert('warning')]),
    });
    expect(told.status).toBe(200);
    const message = await answered(world.slack, 'ops', 'ParleyQueueOld', 60_000);
    expect(message.text).toContain('It is critical');
    expect(botSaid(world.slack, 'ops').join()).not.toContain('It is warning');
  });
});

test('the relay to WeCom: their shape there, their refusals back, and the key in no log', async () => {
  const received: { msgtype: string; markdown: { content: string } }[] = [];
  let errcode = 0;
  const wecom = cleanup.add(
    await startHttp({
      handle: async ({ body }) => {
        received.push(JSON.parse(body.toString()));
        return { body: { errcode, errmsg: 'ok' } };
      },
    }),
  );
  const WECOM_WEBHOOK_URL = `${wecom.url}/cgi-bin/webhook/send?key=a-secret-key`;
  const child = spawn(process.execPath, [join(DEPLOY, 'alertmanager/wecom.mjs')], {
    env: { PATH: process.env.PATH, WECOM_WEBHOOK_URL, PORT: '0' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    const port = await until('the relay', () => /listening on (\d+)/.exec(output)?.[1]);
    const tell = async (body: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      return response.status;
    };
    const labels = { alertname: 'ParleyUnavailable', severity: 'critical' };
    const alerts = Array.from({ length: 12 }, () => ({
      status: 'firing',
      labels,
      annotations: { summary: '没有网关' },
    }));
    expect(await tell(JSON.stringify({ status: 'firing', alerts }))).toBe(200);
    expect(received[0]?.msgtype).toBe('markdown');
    expect(received[0]?.markdown.content).toMatch(
      /FIRING[\s\S]*ParleyUnavailable · critical[\s\S]*没有网关[\s\S]*… \+ 2$/,
    );
    const long = { ...alerts[0], annotations: { summary: '长'.repeat(2000) } };
    await tell(JSON.stringify({ status: 'firing', alerts: Array(10).fill(long) }));
    expect(Buffer.byteLength(received[1]?.markdown.content ?? '')).toBeLessThanOrEqual(4096);
    errcode = 45009;
    expect(await tell(JSON.stringify({ status: 'firing', alerts }))).toBe(503);
    expect(await tell('{')).toBe(400);
    await wecom.close();
    expect(await tell(JSON.stringify({ status: 'firing', alerts }))).toBe(503);
    expect(output).toContain('45009');
    expect(output).not.toContain('a-secret-key');
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
});

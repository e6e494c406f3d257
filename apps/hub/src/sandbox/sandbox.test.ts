import { type ConfigLayer, configSchema, type EntryOrigin } from '@parley/core/config';
import { createLogger } from '@parley/core/telemetry';
import { expect, test, vi } from 'vitest';
import type { SandboxProcess } from './process.ts';
import type { PlayedPlatform } from './protocol.ts';
import { createSandbox } from './sandbox.ts';

const logger = createLogger('silent');
const PLATFORM: PlayedPlatform = {
  platform: 'slack',
  api_base_url: 'http://127.0.0.1:9',
  credentials: { bot_token: 'xoxb-1', signing_secret: 's' },
  chats: [{ id: 'direct', name: 'Direct', kind: 'direct', people: ['alice'] }],
  people: [{ id: 'alice', name: 'Alice' }],
};

/** A child that ends when the test says so. */
function aChild() {
  const ending = Promise.withResolvers<string>();
  const send = vi.fn(async (..._order: unknown[]): Promise<unknown> => null);
  const stop = vi.fn(async () => ending.resolve('ended'));
  const child: SandboxProcess = { pid: 1, platforms: [PLATFORM], ended: ending.promise, send, stop };
  return { child, send, stop, die: (reason: string) => ending.resolve(reason) };
}

/** A configuration to which entries can be added, with these tenants and channels of its own. */
function aConfig(over: { tenants?: object[]; channels?: object[] } = {}) {
  let base = over;
  let extra: ConfigLayer | undefined;
  const laid = () => {
    const tenants = [...(base.tenants ?? []), ...(extra?.tenants ?? [])];
    const own = (base.channels ?? []).map((channel) => Reflect.get(channel, 'id'));
    const added = (extra?.channels ?? []).filter((channel) => !own.includes(Reflect.get(channel, 'id')));
    const channels = [...(base.channels ?? []), ...added];
    return configSchema.parse({ version: 1, tenants, channels, models: [...(extra?.models ?? [])] });
  };
  const setExtra = vi.fn(async (layer: ConfigLayer | undefined) => {
    extra = layer;
  });
  return {
    get current() {
      return laid();
    },
    originOf: (kind: 'tenants' | 'channels' | 'models', id: string): EntryOrigin | undefined => {
      const isIn = (list: readonly object[] | undefined) => list?.some((entry) => Reflect.get(entry, 'id') === id);
      if (kind !== 'models' && isIn(base[kind])) return 'file';
      return isIn(extra?.[kind]) ? 'extra' : undefined;
    },
    setExtra,
    change: (next: typeof over) => {
      base = next;
    },
  };
}

function setUp({ config = aConfig({ tenants: [{ id: 'acme' }] }), calmMs = 60_000 } = {}) {
  const children: ReturnType<typeof aChild>[] = [];
  const launch = vi.fn(async () => {
    const next = aChild();
    children.push(next);
    return next.child;
  });
  const sandbox = createSandbox({
    launch,
    config,
    hubUrl: () => 'http://hub',
    logger,
    restartDelaysMs: [1, 1],
    calmMs,
  });
  const isOn = () => vi.waitFor(() => expect(sandbox.status().state).toBe('on'));
  return { sandbox, config, launch, children, isOn };
}

test('nothing runs before it is started, and nothing is left when it is stopped', async () => {
  const { sandbox, config, launch, children, isOn } = setUp();
  expect(sandbox.status()).toEqual({ state: 'off', tenant: 'acme', channels: [], error: null });
  await expect(sandbox.view('slack', 'direct')).rejects.toMatchObject({ code: 'conflict' });
  expect(launch).not.toHaveBeenCalled();

  sandbox.start();
  sandbox.start();
  expect(sandbox.status().state).toBe('starting');
  await isOn();
  expect(launch).toHaveBeenCalledTimes(1);
  expect(config.current.channels).toMatchObject([{ id: 'sandbox-slack', tenant: 'acme', transport: 'webhook' }]);
  expect(children[0]?.send).toHaveBeenCalledWith('connect', { slack: 'http://hub/webhooks/slack/sandbox-slack' });
  expect(sandbox.status().channels).toMatchObject([{ platform: 'slack', channel: 'sandbox-slack' }]);

  await sandbox.stop();
  expect(sandbox.status()).toMatchObject({ state: 'off', channels: [], error: null });
  expect(config.current.channels).toEqual([]);
  expect(children[0]?.stop).toHaveBeenCalled();
});

test('it belongs to the tenant default, else to the first one, else it brings its own', async () => {
  const config = aConfig();
  const { sandbox, isOn } = setUp({ config });
  expect(sandbox.tenant()).toBeUndefined();
  sandbox.start();
  await isOn();
  expect(config.current.tenants).toMatchObject([{ id: 'sandbox', models: ['sandbox-echo'] }]);
  expect(config.current.models).toMatchObject([{ id: 'sandbox-echo', provider: 'echo' }]);
  expect(sandbox.status().tenant).toBe('sandbox');

  config.change({ tenants: [{ id: 'acme' }] });
  sandbox.configChanged();
  await vi.waitFor(() => expect(config.current.channels).toMatchObject([{ tenant: 'acme' }]));
  expect(config.current.tenants).toHaveLength(1);

  config.change({ tenants: [{ id: 'acme' }, { id: 'default' }] });
  sandbox.configChanged();
  await vi.waitFor(() => expect(config.current.channels).toMatchObject([{ tenant: 'default' }]));
  const times = config.setExtra.mock.calls.length;
  sandbox.configChanged();
  expect(config.setExtra.mock.calls.length).toBe(times);
  await sandbox.stop();
});

test('a child that dies is started again, but not for ever, and the reason is told', async () => {
  const { sandbox, config, launch, children, isOn } = setUp();
  sandbox.start();
  for (const [index, reason] of ['first', 'second', 'third'].entries()) {
    await vi.waitFor(() => expect(children).toHaveLength(index + 1));
    await isOn();
    children[index]?.die(`${reason} crash`);
  }
  await vi.waitFor(() => expect(sandbox.status()).toMatchObject({ state: 'off', error: 'third crash' }));
  expect(launch).toHaveBeenCalledTimes(3);
  expect(config.current.channels).toEqual([]);

  sandbox.start();
  await isOn();
  expect(sandbox.status().error).toBeNull();
  await sandbox.stop();
});

test('ends long ago do not count', async () => {
  const { sandbox, children, isOn } = setUp({ calmMs: 0 });
  sandbox.start();
  for (let index = 0; index < 5; index++) {
    await vi.waitFor(() => expect(children).toHaveLength(index + 1));
    await isOn();
    children[index]?.die('again');
  }
  await vi.waitFor(() => expect(children).toHaveLength(6));
  await sandbox.stop();
});

test('a channel of the same name in the configuration keeps its place, and the sandbox stays off', async () => {
  const channel = { id: 'sandbox-slack', tenant: 'acme', platform: 'slack', credentials: { bot_token: 'x' } };
  const config = aConfig({ tenants: [{ id: 'acme' }], channels: [channel] });
  const { sandbox, launch, children } = setUp({ config });
  sandbox.start();
  await vi.waitFor(() => expect(sandbox.status().state).toBe('off'));
  expect(sandbox.status().error).toContain('sandbox-slack');
  expect(launch).toHaveBeenCalledTimes(1);
  expect(children[0]?.stop).toHaveBeenCalled();
});

test('stopped while it starts, it ends as if it had never begun', async () => {
  const { sandbox, config, children } = setUp();
  sandbox.start();
  await sandbox.stop();
  expect(sandbox.status()).toMatchObject({ state: 'off', error: null });
  expect(config.current.channels).toEqual([]);
  for (const { stop } of children) expect(stop).toHaveBeenCalled();
});

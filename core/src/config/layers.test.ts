import { describe, expect, test } from 'vitest';
import { type Config, configSchema, layConfig } from './index.ts';

const base = (over: object = {}): Config =>
  configSchema.parse({
    version: 1,
    tenants: [{ id: 'acme', models: ['echo'] }],
    models: [{ id: 'echo', provider: 'echo' }],
    ...over,
  });
const telegram = (id: string, tenant = 'acme') => ({
  id,
  tenant,
  platform: 'telegram',
  transport: 'polling',
  credentials: { bot_token: '1:abc' },
});

describe('layConfig', () => {
  test('adds what the console says to what the file says, and knows what came from where', () => {
    const laid = layConfig({
      base: base(),
      source: 'file',
      console: { channels: [telegram('bot')], tenants: [{ id: 'globex', models: ['echo'] }] },
    });
    if (!laid.ok) throw new Error('expected it to fit');
    expect(laid.config.channels.map(({ id }) => id)).toEqual(['bot']);
    expect(laid.config.tenants.map(({ id }) => id)).toEqual(['acme', 'globex']);
    expect(laid.originOf('tenants', 'acme')).toBe('file');
    expect(laid.originOf('tenants', 'globex')).toBe('console');
    expect(laid.originOf('channels', 'nobody')).toBeUndefined();
    expect(laid.leftOut).toEqual([]);
  });

  test('lets the file win, and the console take over a tenant that only variables made', () => {
    const document = { tenants: [{ id: 'acme', models: ['echo'], system_prompt: 'changed' }] };
    const overFile = layConfig({ base: base(), source: 'file', console: document });
    if (!overFile.ok) throw new Error('expected it to fit');
    expect(overFile.config.tenants[0]?.system_prompt).toBe('');
    expect(overFile.leftOut).toMatchObject([{ origin: 'console', path: 'tenants[0].id' }]);
    expect(layConfig({ base: base(), source: 'file', console: document }, true)).toMatchObject({ ok: false });
    const overEnvironment = layConfig({ base: base(), source: 'environment', console: document });
    if (!overEnvironment.ok) throw new Error('expected it to fit');
    expect(overEnvironment.config.tenants).toHaveLength(1);
    expect(overEnvironment.config.tenants[0]?.system_prompt).toBe('changed');
    expect(overEnvironment.originOf('tenants', 'acme')).toBe('console');
  });

  test('leaves out what no longer fits and keeps the rest; strictly it is a mistake at its place in the document', () => {
    const document = {
      channels: [telegram('lost', 'gone'), telegram('kept')],
      rules: [{ tenant: 'gone', match: {}, reply: 'x' }],
    };
    const laid = layConfig({ base: base(), source: 'file', console: document });
    if (!laid.ok) throw new Error('expected it to fit');
    expect(laid.config.channels.map(({ id }) => id)).toEqual(['kept']);
    expect(laid.leftOut.map(({ path }) => path)).toEqual(expect.arrayContaining(['channels[0].tenant']));
    const strict = layConfig(
      { base: base({ channels: [telegram('of-the-file')] }), source: 'file', console: document },
      true,
    );
    // The place in the console's own document, whatever stands before it in the whole.
    expect(strict).toMatchObject({
      ok: false,
      issues: expect.arrayContaining([expect.objectContaining({ path: ['channels', 0, 'tenant'] })]),
    });
  });

  test('a model that a left-out tenant needed does not take others with it', () => {
    const laid = layConfig({
      base: base(),
      source: 'file',
      console: {
        models: [
          { id: 'broken', provider: 'openai' },
          { id: 'fine', provider: 'echo' },
        ],
        tenants: [
          { id: 'a', models: ['broken'] },
          { id: 'b', models: ['fine'] },
        ],
      },
    });
    if (!laid.ok) throw new Error('expected it to fit');
    expect(laid.config.models.map(({ id }) => id)).toEqual(['echo', 'fine']);
    expect(laid.config.tenants.map(({ id }) => id)).toEqual(['acme', 'b']);
  });

  test('what this process adds for a while comes last and never wins', () => {
    const laid = layConfig({
      base: base(),
      source: 'file',
      console: { channels: [telegram('bot')] },
      extra: { channels: [telegram('bot'), telegram('sandbox')] },
    });
    if (!laid.ok) throw new Error('expected it to fit');
    expect(laid.config.channels.map(({ id }) => id)).toEqual(['bot', 'sandbox']);
    expect(laid.originOf('channels', 'bot')).toBe('console');
    expect(laid.originOf('channels', 'sandbox')).toBe('extra');
  });

  test("an entry of the console that replaced the quick start's tenant and fits no more gives way to it again", () => {
    const base = configSchema.parse({
      version: 1,
      tenants: [{ id: 'default' }],
      channels: [
        {
          id: 'telegram',
          tenant: 'default',
          platform: 'telegram',
          credentials: { bot_token: '1:a', webhook_secret: 's' },
        },
      ],
    });
    const laid = layConfig({
      base,
      source: 'environment',
      console: { tenants: [{ id: 'default', name: 'Ours', models: ['gone'] }] },
    });
    expect(laid).toMatchObject({
      ok: true,
      config: { tenants: [{ id: 'default' }] },
      leftOut: [{ path: 'tenants[0].models[0]' }],
    });
    expect(laid.ok && laid.originOf('tenants', 'default')).toBe('environment');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './client.ts';
import { createIdentity } from './identity.ts';
import { type BotApi, channelAt, ME, ok, refuse, startBotApi, testDeps } from './testing/bot-api.ts';

let api: BotApi;
let client: Client;
beforeEach(async () => {
  api = await startBotApi();
  client = createClient(channelAt(api.url));
});
afterEach(async () => {
  await client.close();
  await api.close();
});

describe('createIdentity', () => {
  it('knows the id from the token and asks for the name once', async () => {
    const deps = testDeps();
    const identity = createIdentity(channelAt(api.url), client, deps);
    expect(identity.id).toBe(123456789);
    expect(await Promise.all([identity.username(), identity.username()])).toEqual(['acme_bot', 'acme_bot']);
    expect(await identity.username()).toBe('acme_bot');
    expect(api.sent('getMe')).toHaveLength(1);
  });

  it('shares the name with the other processes', async () => {
    const deps = testDeps();
    await createIdentity(channelAt(api.url), client, deps).username();
    await createIdentity(channelAt(api.url), client, deps).username();
    expect(api.sent('getMe')).toHaveLength(1);
  });

  it('asks again when what it remembers is old', async () => {
    const deps = testDeps();
    let now = 0;
    const identity = createIdentity(channelAt(api.url), client, { ...deps, now: () => now });
    await identity.username();
    deps.values.clear();
    api.on('getMe', ok({ ...ME, username: 'renamed_bot' }));
    now = 86_400_000;
    expect(await identity.username()).toBe('renamed_bot');
  });

  it('does without the cache', async () => {
    const broken = {
      get: () => Promise.reject(new Error('no Redis')),
      set: () => Promise.reject(new Error('no Redis')),
    };
    const identity = createIdentity(channelAt(api.url), client, { ...testDeps(), cache: broken });
    expect(await identity.username()).toBe('acme_bot');
  });

  it('is unavailable while Telegram does not answer, and recovers', async () => {
    api.on('getMe', refuse(500, 'Internal Server Error'), ok(ME));
    const identity = createIdentity(channelAt(api.url), client, testDeps());
    await expect(identity.username()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await identity.username()).toBe('acme_bot');
  });
});

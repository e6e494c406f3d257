import { readFileSync } from 'node:fs';
import type { Adapter } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdapter } from './index.ts';
import {
  type BotApi,
  channelAt,
  ME,
  ok,
  refuse,
  SECRET,
  silence,
  startBotApi,
  TOKEN,
  testDeps,
} from './testing/bot-api.ts';

let api: BotApi;
let adapter: Adapter;
beforeEach(async () => {
  api = await startBotApi();
  adapter = createAdapter(channelAt(api.url), testDeps());
});
afterEach(async () => {
  await adapter.close();
  await api.close();
});

function request(body: unknown, secret = SECRET) {
  const rawBody = Buffer.from(JSON.stringify(body));
  return { headers: { 'x-telegram-bot-api-secret-token': secret }, rawBody, query: {} };
}

function fixture(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../../../test/contract/fixtures/telegram/${name}.json`, import.meta.url), 'utf8'),
  );
}

describe('handleWebhook', () => {
  it('reads a question without calling Telegram', async () => {
    const { response, events } = await adapter.handleWebhook(request(fixture('private-text')));
    expect(response).toEqual({ status: 200 });
    expect(events).toEqual([expect.objectContaining({ kind: 'message' })]);
    expect(api.calls).toEqual([]);
  });

  it('learns its name where one is mentioned', async () => {
    const { events } = await adapter.handleWebhook(request(fixture('group-mention')));
    expect(events[0]).toMatchObject({ kind: 'message', message: { addressed: 'mention' } });
    expect(api.sent('getMe')).toHaveLength(1);
  });

  it('asks Telegram to come again where it cannot learn its name', async () => {
    api.on('getMe', refuse(500, 'Internal Server Error'));
    await expect(adapter.handleWebhook(request(fixture('group-mention')))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('refuses strangers before it reads what they say', async () => {
    await expect(adapter.handleWebhook(request('nonsense', 'guess'))).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(adapter.handleWebhook(request('nonsense'))).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('probe', () => {
  it('says who it is and that all is well', async () => {
    api.on('getWebhookInfo', ok({ url: 'https://hub.example', pending_update_count: 0 }));
    expect(await adapter.probe()).toEqual({ identity: '@acme_bot', hints: [] });
  });

  it('says what keeps messages away', async () => {
    api.on('getMe', ok({ ...ME, can_read_all_group_messages: false, can_join_groups: false }));
    const info = {
      url: '',
      pending_update_count: 5,
      last_error_date: 1795132800,
      last_error_message: 'Connection refused',
    };
    api.on('getWebhookInfo', ok(info));
    const { hints } = await adapter.probe();
    for (const word of ['/setprivacy', '/setjoingroups', 'PARLEY_PUBLIC_URL', '5 updates', 'Connection refused']) {
      expect(hints.join('\n')).toContain(word);
    }
  });

  it('fails with a bad token, which it does not show', async () => {
    api.on('getMe', refuse(401, 'Unauthorized'));
    await expect(adapter.probe()).rejects.toMatchObject({ code: 'platform_unauthorized' });
    await expect(adapter.probe()).rejects.not.toThrow(TOKEN);
  });
});

describe('createAdapter', () => {
  it('takes Telegram channels only', () => {
    const slack = channelSchema.parse({ id: 's', tenant: 't', platform: 'slack', credentials: { bot_token: 'x' } });
    expect(() => createAdapter(slack, testDeps())).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });

  it('ends what still runs when it is closed', async () => {
    api.on('getMe', (response) => {
      silence(response);
      void adapter.close();
    });
    await expect(adapter.probe()).rejects.toMatchObject({ code: 'platform_unavailable' });
  });
});

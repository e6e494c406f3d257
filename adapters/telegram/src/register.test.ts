import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './client.ts';
import { createIdentity } from './identity.ts';
import { createRegister } from './register.ts';
import { type BotApi, channelAt, ok, SECRET, startBotApi, TOKEN, testDeps } from './testing/bot-api.ts';

const URL = 'https://hub.example/webhooks/telegram/acme-telegram';

let api: BotApi;
let client: Client;
let deps: ReturnType<typeof testDeps>;
beforeEach(async () => {
  api = await startBotApi();
  client = createClient(channelAt(api.url));
  deps = testDeps();
  api.on('getWebhookInfo', ok({ url: '', has_custom_certificate: false, pending_update_count: 0 }));
  api.on('getMyCommands', ok([]));
  api.on('setWebhook', ok(true));
  api.on('setMyCommands', ok(true));
});
afterEach(async () => {
  await client.close();
  await api.close();
});

function register(extra: Record<string, unknown> = {}) {
  const channel = channelAt(api.url, extra);
  return createRegister(channel, client, createIdentity(channel, client, deps), deps);
}

/** Makes the API answer with what it was told, as Telegram would. */
function remember(): void {
  const { secret_token: _, drop_pending_updates: __, ...webhook } = api.sent('setWebhook').at(-1) ?? {};
  api.on('getWebhookInfo', ok({ ...webhook, pending_update_count: 0 }));
  api.on('getMyCommands', ...api.sent('setMyCommands').map(({ commands }) => ok(commands)));
}

describe('register', () => {
  it('sets the webhook with its secret, and the commands in both languages', async () => {
    await register().webhook(URL);
    expect(api.sent('setWebhook')).toEqual([
      {
        url: URL,
        secret_token: SECRET,
        allowed_updates: ['message', 'edited_message', 'my_chat_member'],
        max_connections: 40,
        drop_pending_updates: false,
      },
    ]);
    const [english, chinese] = api.sent('setMyCommands');
    expect(english).not.toHaveProperty('language_code');
    expect(english?.commands).toEqual([
      { command: 'ai', description: 'Ask the assistant' },
      { command: 'help', description: 'What I can do' },
      { command: 'reset', description: 'Start a new conversation' },
      { command: 'stop', description: 'Stop the answer' },
      { command: 'model', description: 'Show or pick the model' },
      { command: 'quota', description: 'What is left' },
    ]);
    expect(chinese).toMatchObject({
      language_code: 'zh',
      commands: [{ command: 'ai', description: '向助手提问' }, {}, {}, {}, {}, {}],
    });
  });

  it('changes nothing the second time', async () => {
    await register().webhook(URL);
    remember();
    await register().webhook(URL);
    expect(api.sent('setWebhook')).toHaveLength(1);
    expect(api.sent('setMyCommands')).toHaveLength(2);
  });

  it('sets the webhook again when its secret is another one', async () => {
    await register().webhook(URL);
    remember();
    await register({ credentials: { bot_token: TOKEN, webhook_secret: 'another' } }).webhook(URL);
    expect(api.sent('setWebhook')[1]).toMatchObject({ secret_token: 'another' });
  });

  it('sets the webhook again when somebody changed it', async () => {
    await register().webhook(URL);
    remember();
    api.on('getWebhookInfo', ok({ url: 'https://elsewhere.example', pending_update_count: 0 }));
    await register().webhook(URL);
    expect(api.sent('setWebhook')).toHaveLength(2);
  });

  it('keeps no secret in the cache', async () => {
    await register().webhook(URL);
    expect([...deps.values.values()].join()).not.toContain(SECRET);
  });

  it('names the words the channel listens to', async () => {
    await register({ triggers: { commands: ['/ask', '/help'] } }).commands();
    const commands = ['ask', 'help', 'reset', 'stop', 'model', 'quota'].map((command) =>
      expect.objectContaining({ command }),
    );
    expect(api.sent('setMyCommands')[0]).toEqual({ commands });
  });

  it('refuses a webhook without a secret', async () => {
    const attempt = register({ credentials: { bot_token: TOKEN } }).webhook(URL);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_config' });
    expect(api.calls).toEqual([]);
  });
});

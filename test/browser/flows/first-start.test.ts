import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, goTo, heading, reads, signInAt } from './support/pages.ts';

/** Where platforms would reach the hub from outside; here they are told its real address. */
const PUBLIC_URL = 'http://hub.example.test';

const PLATFORMS = [
  {
    name: 'feishu',
    label: 'Feishu / Lark',
    fields: {
      'App ID': 'app_id',
      'App secret': 'app_secret',
      'Encrypt key': 'encrypt_key',
      'Verification token': 'verification_token',
    },
  },
  { name: 'telegram', label: 'Telegram', fields: { 'Bot token': 'bot_token', 'Webhook secret': 'webhook_secret' } },
  { name: 'slack', label: 'Slack', fields: { 'Bot token': 'bot_token', 'Signing secret': 'signing_secret' } },
] as const;

/** The first quarter of an hour: the password from the terminal, and the wizard to the first answer on each platform. */
describeFlow(
  'the first start',
  () => startDesk({ env: { PARLEY_PUBLIC_URL: PUBLIC_URL } }),
  (desk) => {
    let page: Page;
    let password: string;

    beforeAll(async () => {
      page = await desk().open();
      password = /user admin, password (\S+) \(shown this once\)/.exec(desk().hub.stderr())?.[1] ?? '';
    });

    test('a wrong password is refused, the one from the terminal opens the console', async () => {
      await page.goto(desk().hub.url);
      await page.getByLabel('User name').fill('admin');
      await page.getByLabel('Password', { exact: true }).fill(`${password}x`);
      await button(page, 'Sign in').click();
      await reads(page, 'User name or password is wrong.');
      await signInAt(page, desk().hub.url, 'admin', password);
      await reads(page, 'Welcome. Let’s get a bot to answer.');
    });

    test.each(PLATFORMS)('the wizard leads to the first answer on $name', async ({ name, label, fields }) => {
      const platform = desk().world[name];
      const credentials: Record<string, string> = platform.credentials;
      await goTo(page, 'Overview');
      if (name === 'feishu') await button(page, 'Connect a bot').click();
      else {
        await goTo(page, 'Channels');
        await button(page, 'Connect a bot').click();
      }
      await heading(page, 'Connect a bot').waitFor();
      await button(page, new RegExp(`^${label}`)).click();

      await page.getByRole('radio', { name: /^Webhook/ }).check();
      await fillIn(fields, credentials);
      await page.getByLabel('Another address of the platform’s API').fill(platform.url);
      await button(page, 'Check and continue').click();

      const address = page.getByText(`${PUBLIC_URL}/webhooks/${name}/${name}`);
      await reads(page, 'Tell the platform where to send events');
      const shown = (await address.first().textContent()) ?? '';
      platform.setWebhook(shown.trim().replace(PUBLIC_URL, desk().hub.url));
      await button(page, 'Continue').click();

      if (name === 'feishu') await addModel();
      else {
        await reads(page, 'sim · openai');
        await button(page, 'Use this model').click();
      }

      await reads(page, 'Now write to the bot');
      await reads(page, 'Waiting for your message …');
      await platform.say({ chat: 'first', text: `hello from ${name}` });
      await answered(platform, 'first', `You said: hello from ${name}`);
      await reads(page, 'The message has arrived');
      await reads(page, 'The bot has answered');
      await button(page, 'Go to the channel').click();
      await heading(page, name).waitFor();

      await goTo(page, 'Conversations');
      await page.getByRole('link', { name: `hello from ${name}` }).click();
      const transcript = page.getByRole('log', { name: 'Transcript' });
      await reads(transcript, `You said: hello from ${name}`);
      await button(transcript, 'How did this come about?').click();
      await reads(page, 'Asked a model');
      // What was entered is nowhere to be read again.
      const everything = await page.content();
      for (const secret of Object.values(credentials)) expect(everything).not.toContain(secret);
    });

    async function fillIn(fields: Record<string, string>, credentials: Record<string, string>) {
      for (const [label, key] of Object.entries(fields)) {
        await page.getByLabel(label, { exact: true }).fill(credentials[key] ?? '');
      }
    }

    async function addModel() {
      await reads(page, 'Which model answers?');
      await page.getByText('Add one', { exact: true }).click();
      await page.getByRole('textbox', { name: 'Model', exact: true }).fill('gpt-sim');
      await page.getByLabel('Name in Parley').fill('sim');
      await page.getByLabel('API key').fill('sk-sim');
      await page.getByLabel('Address').fill(desk().world.openai.url);
      await button(page, 'Check and add').click();
    }

    test('wrong credentials are refused before anything is saved', async () => {
      await goTo(page, 'Channels');
      await button(page, 'Connect a bot').click();
      await button(page, /^Slack/).click();
      await page.getByLabel('Name of the channel').fill('second-slack');
      await page.getByRole('radio', { name: /^Webhook/ }).check();
      await fillIn({ 'Bot token': 'bot', 'Signing secret': 'sign' }, { bot: 'xoxb-wrong', sign: 'wrong' });
      await page.getByLabel('Another address of the platform’s API').fill(desk().world.slack.url);
      await button(page, 'Check and continue').click();
      await reads(page, 'Correct what is wrong and check again. Nothing has been saved.');
      await goTo(page, 'Channels');
      await page.getByRole('link', { name: 'slack', exact: true }).waitFor();
      expect(await page.getByRole('link', { name: 'second-slack' }).count()).toBe(0);
    });
  },
);

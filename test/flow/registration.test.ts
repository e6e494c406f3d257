import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';

let world: World;
let hub: TestHub;
beforeAll(async () => {
  world = await createWorld();
  hub = await startHub({ config: world.config(), env: { PARLEY_PUBLIC_URL: 'https://bots.example/hub/' } });
});
afterAll(async () => {
  await hub?.stop();
  await world?.close();
});

const called = (method: string) => world.telegram.calls.filter((call) => call.method === method);

test('the hub registers its Telegram webhook by itself: address, secret, wanted updates and commands', async () => {
  const registration = await until('the registration', () => called('setWebhook')[0]);
  expect(registration.body).toMatchObject({ url: 'https://bots.example/hub/webhooks/telegram/telegram' });
  const { allowed_updates: allowed, secret_token: secret } = registration.body as Record<string, unknown>;
  expect(JSON.stringify(allowed)).toContain('message');
  expect(secret).toBeTruthy();
  await until('the commands', () => called('setMyCommands').length >= 2);
  expect(JSON.stringify(called('setMyCommands').map(({ body }) => body))).toMatch(/"reset".*"help"|"help".*"reset"/s);
  const told = await until('the log line', () => hub.logs.find(({ msg }) => msg === 'webhook registered'));
  expect(told).toMatchObject({ channel: 'telegram' });
});

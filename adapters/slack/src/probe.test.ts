import type { Adapter } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { type FakeApi, ok, refuse, startApi } from './testkit/api.ts';
import { makeChannel, makeDeps } from './testkit/index.ts';

let api: FakeApi;
let adapter: Adapter;
beforeEach(async () => {
  api = await startApi();
  adapter = createAdapter(makeChannel({ api_base_url: api.url }), makeDeps());
});
afterEach(async () => {
  await adapter.close();
  await api.close();
});

describe('probe', () => {
  test('says who the bot is and what is missing', async () => {
    const scopes = 'app_mentions:read,channels:history,groups:history,im:history,mpim:history,chat:write,commands';
    api.on('/api/auth.test', ok({ user: 'parley', team: 'Acme', user_id: 'U1' }, { 'x-oauth-scopes': scopes }));
    const { identity, hints } = await adapter.probe();
    expect(identity).toBe('@parley (Acme)');
    expect(hints).toEqual([
      expect.stringContaining('/webhooks/slack/acme-slack'),
      expect.stringContaining('files:read'),
      expect.stringContaining('assistant:write'),
    ]);
  });

  test('fails with what is wrong', async () => {
    api.on('/api/auth.test', ok());
    await expect(adapter.probe()).rejects.toMatchObject({ code: 'platform_unavailable' });
    api.on('/api/auth.test', refuse('invalid_auth'));
    await expect(adapter.probe()).rejects.toMatchObject({ code: 'platform_unauthorized' });
  });
});

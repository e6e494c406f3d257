import type { Adapter } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { cut, type FakeApi, ok, startApi, status } from './testkit/api.ts';
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

describe('fetchFile', () => {
  const FILE = '/files-pri/T1-F1/download/a.png';
  const file = { id: 'F1', kind: 'image' as const };
  const fetched = (maxBytes = 100) =>
    adapter.fetchFile?.({ id: '1', chat: { id: 'C0LAN2Q65', kind: 'group' } }, file, maxBytes);
  const info = (extra: Record<string, unknown> = {}) =>
    api.on(
      '/api/files.info',
      ok({ file: { mimetype: 'image/png', size: 5, url_private_download: `${api.url}${FILE}`, ...extra } }),
    );

  test('downloads with the token, along redirects of the same host', async () => {
    info();
    api.on(FILE, status(302, { location: '/moved' }));
    api.on('/moved', status(200, { 'content-type': 'image/png' }, 'bytes'));
    expect(Buffer.from((await fetched()) ?? []).toString()).toBe('bytes');
    expect(api.calls.slice(1).map(({ headers }) => headers.authorization)).toEqual([
      'Bearer xoxb-test',
      'Bearer xoxb-test',
    ]);
  });

  test('takes the token to no other host', async () => {
    const other = await startApi();
    other.on('/stolen', status(200, {}, 'x'));
    info();
    api.on(FILE, status(302, { location: `${other.url}/stolen` }));
    await expect(fetched()).rejects.toMatchObject({ code: 'platform_rejected' });
    info({ url_private_download: `${other.url}/stolen` });
    await expect(fetched()).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(other.calls).toEqual([]);
    await other.close();
  });

  test('is bounded, whatever size was promised', async () => {
    info({ size: 101 });
    await expect(fetched(100)).rejects.toMatchObject({ code: 'payload_too_large' });
    info();
    api.on(FILE, status(200, { 'content-type': 'image/png' }, 'x'.repeat(101)));
    await expect(fetched(100)).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(await fetched(101)).toHaveLength(101);
  });

  test('tells a sign-in page from a file', async () => {
    info();
    api.on(FILE, status(200, { 'content-type': 'text/html; charset=utf-8' }, '<html>'));
    await expect(fetched()).rejects.toMatchObject({ code: 'platform_unauthorized' });
  });

  test.each([
    [status(404), 'platform_rejected'],
    [status(503), 'platform_unavailable'],
    [cut, 'platform_unavailable'],
  ])('fails (%#)', async (answer, code) => {
    info();
    api.on(FILE, answer);
    await expect(fetched()).rejects.toMatchObject({ code });
  });
});

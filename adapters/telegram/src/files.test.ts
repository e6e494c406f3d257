import { toParleyError } from '@parley/core/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './client.ts';
import { createFetchFile } from './files.ts';
import { type Answer, type BotApi, channelAt, cut, ok, refuse, startBotApi, status, TOKEN } from './testing/bot-api.ts';

const MESSAGE = { id: '1', chat: { id: '7', kind: 'direct' as const } };
const FILE = { id: 'BQAC', kind: 'file' as const };

let api: BotApi;
let client: Client;
beforeEach(async () => {
  api = await startBotApi();
  client = createClient(channelAt(api.url));
  api.on('getFile', ok({ file_id: 'BQAC', file_unique_id: 'u', file_path: 'documents/file 1.pdf' }));
});
afterEach(async () => {
  await client.close();
  await api.close();
});

const fetchFile = (maxBytes: number, file: typeof FILE & { sizeBytes?: number } = FILE) =>
  createFetchFile(channelAt(api.url), client)(MESSAGE, file, maxBytes);
const serve = (answer: Answer) => api.on('file:documents/file%201.pdf', answer);

describe('fetchFile', () => {
  it('gives the bytes', async () => {
    serve((response) => response.end(Buffer.from([1, 2, 3])));
    expect([...(await fetchFile(3))]).toEqual([1, 2, 3]);
  });

  it('stops at the bound, whatever was announced', async () => {
    serve((response) => response.end(Buffer.alloc(4)));
    await expect(fetchFile(3)).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  it('does not even ask for a file that is announced as larger', async () => {
    await expect(fetchFile(3, { ...FILE, sizeBytes: 4 })).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(api.calls).toHaveLength(0);
  });

  it('knows the limit of 20 MB as what it is', async () => {
    api.on('getFile', refuse(400, 'Bad Request: file is too big'));
    await expect(fetchFile(99_000_000)).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  it.each<[string, Answer, string]>([
    ['a missing file', status(404, 'Not Found'), 'platform_rejected'],
    ['a broken server', status(500, 'oops'), 'platform_unavailable'],
    ['a cut socket', cut, 'platform_unavailable'],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'platform_rejected',
    ],
  ])('keeps the token to itself at %s', async (_name, answer, code) => {
    serve(answer);
    const error = toParleyError(await fetchFile(10).catch((thrown: unknown) => thrown));
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toContain(TOKEN);
  });
});

import type { Adapter, AdapterDeps } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { Agent, type Dispatcher, request } from 'undici';
import { apiRootOf, type Client } from './client.ts';
import { TelegramRefusal, toPlatformError } from './errors.ts';

const DOWNLOAD_TIMEOUT_MS = 60_000;

/**
 * Files up to 20 MB (https://core.telegram.org/bots/api#getfile). The link holds the bot's token, so it never leaves
 * this function, neither in a result nor in an error, and no redirect is followed with it.
 */
export function createFetchFile(
  channel: TelegramChannel,
  client: Client,
  network?: AdapterDeps['network'],
): NonNullable<Adapter['fetchFile']> {
  const root = `${apiRootOf(channel)}file/bot${channel.credentials.bot_token}/`;

  return async (_message, attachment, maxBytes) => {
    if ((attachment.sizeBytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const file = await client.call('getFile', { file_id: attachment.id }).catch((error: unknown) => {
      throw error instanceof TelegramRefusal && error.says('file is too big') ? tooLarge(maxBytes) : error;
    });
    if ((file.file_size ?? 0) > maxBytes) throw tooLarge(maxBytes);
    if (!file.file_path) throw new ParleyError('platform_rejected', 'getFile: the file has no path');
    const path = file.file_path.split('/').map(encodeURIComponent).join('/');
    // Downloads are rare: what is checked needs no pool.
    const checked = network && new Agent({ connect: network.connector({}) });
    try {
      return await download(root + path, maxBytes, checked);
    } catch (error) {
      throw toPlatformError(error, 'file');
    } finally {
      await checked?.destroy();
    }
  };
}

async function download(url: string, maxBytes: number, dispatcher: Dispatcher | undefined): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const { statusCode, body } = await request(url, { signal, ...(dispatcher && { dispatcher }) });
  if (statusCode !== 200) {
    await body.dump();
    throw new ParleyError(
      statusCode >= 500 ? 'platform_unavailable' : 'platform_rejected',
      `file: status ${statusCode}`,
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the body and with it the connection.
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(maxBytes: number): ParleyError {
  return new ParleyError('payload_too_large', `the file is over ${maxBytes} bytes`);
}

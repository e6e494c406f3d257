import { ParleyError } from '@parley/core/errors';
import type { Attachment } from '@parley/core/message';
import type { Response } from 'undici';
import { z } from 'zod';
import { readBody } from './body.ts';
import type { SlackClient } from './client.ts';
import { fromStatus, fromTransport } from './errors.ts';

const MAX_REDIRECTS = 3;
const DOWNLOAD_TIMEOUT_MS = 60_000;

const fileInfo = z.object({
  file: z.object({
    mimetype: z.string().nullish(),
    size: z.number().nullish(),
    url_private_download: z.string().nullish(),
    url_private: z.string().nullish(),
  }),
});

/**
 * The bytes of a file that somebody posted: `files.info` for its address, then a GET with the bot's token. The token
 * goes to Slack's own hosts only, and never along a redirect to another origin. Needs the scope `files:read`.
 *
 * @throws ParleyError `payload_too_large`, `platform_*`
 */
export async function fetchFile(
  client: SlackClient,
  botToken: string,
  isSlackUrl: (url: string) => boolean,
  attachment: Attachment,
  maxBytes: number,
): Promise<Uint8Array> {
  const info = fileInfo.safeParse(await client.call('files.info', { file: attachment.id }));
  const url = info.data?.file.url_private_download ?? info.data?.file.url_private;
  // Files of other services (Google Docs and the like) are only linked.
  if (!url || !isSlackUrl(url))
    throw new ParleyError('platform_rejected', 'Slack does not hold the bytes of this file');
  if ((info.data?.file.size ?? 0) > maxBytes) throw tooLarge(maxBytes);

  const response = await download(client, url, botToken);
  // Without the scope Slack shows its sign-in page, as a page that was found.
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/html') && !info.data?.file.mimetype?.startsWith('text/html')) {
    await response.body?.cancel();
    throw new ParleyError('platform_unauthorized', 'Slack asked the bot to sign in: is the scope files:read granted?');
  }
  return readBody(response, maxBytes).catch((thrown: unknown) => {
    throw thrown instanceof ParleyError ? thrown : withoutAddress(thrown);
  });
}

async function download(client: SlackClient, address: string, botToken: string): Promise<Response> {
  const signal = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  let url = new URL(address);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await client
      .fetch(url.href, { headers: { authorization: `Bearer ${botToken}` }, redirect: 'manual', signal })
      .catch((thrown: unknown) => {
        throw withoutAddress(thrown);
      });
    if (response.status === 200) return response;
    const location = response.headers.get('location');
    await response.body?.cancel();
    if (response.status < 300 || response.status >= 400 || location === null) {
      throw fromStatus('a file download', response.status, response.headers.get('retry-after'));
    }
    const next = URL.parse(location, url.href);
    if (next?.origin !== url.origin) throw new ParleyError('platform_rejected', 'The file moved to another host');
    url = next;
  }
  throw new ParleyError('platform_rejected', 'The file was redirected too often');
}

/** The underlying error may name the address, which is private to the workspace. A download has no effect to wonder about. */
function withoutAddress(thrown: unknown): ParleyError {
  return new ParleyError('platform_unavailable', fromTransport('a file download', thrown).message);
}

function tooLarge(maxBytes: number): ParleyError {
  return new ParleyError('payload_too_large', `The file is larger than ${maxBytes} bytes`);
}

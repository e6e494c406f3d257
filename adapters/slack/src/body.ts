import { ParleyError } from '@parley/core/errors';
import type { Response } from 'undici';

/**
 * The whole body of a response, read no further than `maxBytes`.
 *
 * @throws ParleyError `payload_too_large`
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an error cancels the stream, and with it the download.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new ParleyError('payload_too_large', `The body is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

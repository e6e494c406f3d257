import type { Adapter } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';

const OPERATION = 'im.messageResource.get';

/**
 * Downloads what a message carries (https://open.feishu.cn/document/server-docs/im-v1/message/get-2). The bytes are
 * counted as they come: `content-length` may be missing, and is not to be believed.
 */
export function createFetchFile(client: Client): NonNullable<Adapter['fetchFile']> {
  return async (message, attachment, maxBytes) => {
    if (attachment.kind === 'sticker') {
      throw new ParleyError('platform_rejected', 'Feishu does not give out the pictures of stickers');
    }
    const resource = await client.call(OPERATION, (lark) =>
      lark.im.messageResource.get({
        path: { message_id: encodeURIComponent(message.id), file_key: encodeURIComponent(attachment.id) },
        params: { type: attachment.kind === 'image' ? 'image' : 'file' },
      }),
    );
    const stream = resource.getReadableStream();
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        if (size > maxBytes) throw new ParleyError('payload_too_large', `the file is larger than ${maxBytes} bytes`);
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      throw new ParleyError('platform_unavailable', `${OPERATION}: the download was cut`);
    } finally {
      stream.destroy();
    }
    return Buffer.concat(chunks, size);
  };
}

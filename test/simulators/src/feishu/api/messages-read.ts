import { feishuError, invalidField, invalidParameter, success } from '../errors.ts';
import type { StoredMessage } from '../world.ts';
import { messageView } from './message-view.ts';
import type { MessageDeps } from './messages-send.ts';
import type { ApiCallContext, Route } from './router.ts';

const DEFAULT_PAGE = 20;
const MAX_PAGE = 50;

/** Reading messages back, and the files in them. https://open.feishu.cn/document/server-docs/im-v1/message/list */
export function readRoutes(deps: MessageDeps): Route[] {
  const { world } = deps;
  return [
    {
      at: 'GET /open-apis/im/v1/messages',
      name: 'im.message.list',
      run(call) {
        const found = select(call, deps);
        const size = pageSize(call);
        const start = Number(call.query.get('page_token') || 0);
        if (!Number.isInteger(start) || start < 0) throw invalidParameter('invalid page_token.');
        const hasMore = start + size < found.length;
        return success({
          has_more: hasMore,
          ...(hasMore && { page_token: String(start + size) }),
          items: found.slice(start, start + size).map((message) => messageView(message, deps, cardContentType(call))),
        });
      },
    },
    {
      at: 'GET /open-apis/im/v1/messages/:message_id',
      name: 'im.message.get',
      run(call) {
        const message = world.message(call.params.message_id ?? '');
        if (message === undefined) throw invalidParameter('invalid message_id.');
        if (!world.chat(message.chatId)?.hasBot) throw feishuError(230002);
        return success({ items: [messageView(message, deps, cardContentType(call))] });
      },
    },
    {
      at: 'GET /open-apis/im/v1/messages/:message_id/resources/:file_key',
      name: 'im.messageResource.get',
      run(call) {
        const type = call.query.get('type');
        if (type !== 'image' && type !== 'file') throw feishuError(234001);
        const message = world.message(call.params.message_id ?? '');
        if (message?.deleted) throw feishuError(230110);
        const key = call.params.file_key ?? '';
        const resource = message?.resources.get(key);
        if (resource === undefined || key.startsWith('img_') !== (type === 'image')) throw feishuError(234003);
        const headers = {
          'content-type': type === 'image' ? 'image/png' : 'application/octet-stream',
          'content-disposition': `attachment; filename="${encodeURIComponent(resource.name)}"`,
        };
        return { headers, body: Buffer.from(resource.bytes) };
      },
    },
  ];
}

function select(call: ApiCallContext, { world }: MessageDeps): StoredMessage[] {
  const id = call.query.get('container_id') ?? '';
  const type = call.query.get('container_id_type');
  if (id === '') throw invalidField('container_id', 'container_id is required');
  if (type !== 'chat' && type !== 'thread') throw invalidField('container_id_type', 'options: [chat,thread]');
  world.chatOf(type === 'chat' ? 'chat_id' : 'thread_id', id);
  const from = Number(call.query.get('start_time') ?? 0) * 1_000;
  const to = Number(call.query.get('end_time') ?? Number.POSITIVE_INFINITY) * 1_000;
  const messages = world
    .messagesIn(type === 'chat' ? { chatId: id } : { threadId: id })
    .filter((message) => message.createdAt >= from && message.createdAt <= to)
    // Of a thread, the chat's own list has the root only.
    .filter((message) => type === 'thread' || message.threadId === undefined || message.parentId === undefined);
  return call.query.get('sort_type') === 'ByCreateTimeDesc' ? messages.reverse() : messages;
}

function pageSize(call: ApiCallContext): number {
  const size = Number(call.query.get('page_size') ?? DEFAULT_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw invalidField('page_size', `page_size must be between 1 and ${MAX_PAGE}`);
  }
  return size;
}

function cardContentType(call: ApiCallContext): string | null {
  return call.query.get('card_msg_content_type');
}

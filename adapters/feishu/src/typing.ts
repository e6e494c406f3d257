import type { Adapter, ReplyTarget } from '@parley/core/adapter';
import type { Client } from './client.ts';
import { messagePath } from './messages.ts';

/**
 * Feishu has no typing indicator for bots; an animated "Typing" reaction on the question is what bots show instead
 * (https://open.feishu.cn/document/server-docs/im-v1/message-reaction/emojis-introduce).
 */
const EMOJI = 'Typing';

/**
 * The reaction stays until it is taken away, so there is no interval to repeat it in. A repeated one is the same
 * reaction of the same bot: a worker that takes over a turn gets a handle that removes it.
 */
export function createTyping(client: Client): Required<Pick<Adapter, 'startTyping' | 'stopTyping'>> {
  return {
    async startTyping(target) {
      const answer = await client.send<{ reaction_id?: string }>({
        operation: 'im.messageReaction.create',
        method: 'POST',
        path: reactionsPath(target),
        data: { reaction_type: { emoji_type: EMOJI } },
      });
      return answer?.reaction_id;
    },
    async stopTyping(target, handle) {
      if (typeof handle !== 'string') return;
      const path = `${reactionsPath(target)}/${encodeURIComponent(handle)}`;
      await client.send({ operation: 'im.messageReaction.delete', method: 'DELETE', path });
    },
  };
}

function reactionsPath({ messageId }: ReplyTarget): string {
  return `${messagePath(messageId)}/reactions`;
}

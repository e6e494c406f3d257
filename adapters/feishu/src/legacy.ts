import type { Attachment } from '@parley/core/message';
import { contextRefs, type Draft } from './draft.ts';
import type { LegacyMessage } from './envelope.ts';

/** A mention in the older schema: `<at open_id="ou_…">@Name</at>`. */
const AT_TAG = /<at [^<>]*>([^<>]*)<\/at>/g;

/**
 * A message of the older event schema, which apps subscribed years ago still get. It says itself whether the bot is
 * mentioned, and gives the text without that mention.
 */
export function readLegacy(event: LegacyMessage): Draft {
  const text = (event.text_without_at_bot ?? event.text ?? '').replace(AT_TAG, '$1');
  return {
    id: event.open_message_id,
    chat: { id: event.open_chat_id, kind: event.chat_type === 'private' ? 'direct' : 'group' },
    sender: { id: event.open_id },
    text: [event.title ?? '', text].join('\n').trim(),
    mentions: [],
    addressed: event.is_mention ? 'mention' : undefined,
    contextRefs: contextRefs(event.parent_id, event.root_id),
    replyTo: event.parent_id,
    attachments: attachmentsOf(event),
    sentAt: 0,
  };
}

function attachmentsOf({ image_key, image_keys, file_key }: LegacyMessage): Attachment[] {
  const images = [...(image_key ? [image_key] : []), ...(image_keys ?? [])];
  return [
    ...images.map((id): Attachment => ({ id, kind: 'image' })),
    ...(file_key ? [{ id: file_key, kind: 'file' } as const] : []),
  ];
}

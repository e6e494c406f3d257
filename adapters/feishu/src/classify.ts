import type { IgnoreReason } from '@parley/core/message';
import {
  type Envelope,
  type LegacyMessage,
  type RecalledEvent,
  type ReceivedEvent,
  readLegacyMessage,
  readRecalled,
  readReceived,
} from './envelope.ts';

export type Classified =
  | { kind: 'received'; event: ReceivedEvent }
  | { kind: 'legacy'; event: LegacyMessage }
  | { kind: 'recalled'; event: RecalledEvent }
  | { kind: 'ignored'; reason: IgnoreReason };

/** What an event is to the hub, by its type and its sender alone. Throws `invalid_request` for one it cannot read. */
export function classify(envelope: Envelope, botOpenId: string | undefined): Classified {
  if (envelope.type === 'im.message.receive_v1') return classifyReceived(readReceived(envelope.event), botOpenId);
  if (envelope.type === 'im.message.recalled_v1') return { kind: 'recalled', event: readRecalled(envelope.event) };
  if (envelope.schema === 1 && envelope.type === 'message') {
    return { kind: 'legacy', event: readLegacyMessage(envelope.event) };
  }
  // The type is Feishu's word: `constructor` must not find what every object has.
  const known = Object.hasOwn(SERVICE_EVENTS, envelope.type) ? SERVICE_EVENTS[envelope.type] : undefined;
  return ignored(known ?? 'unsupported_event');
}

function classifyReceived(event: ReceivedEvent, botOpenId: string | undefined): Classified {
  if (event.sender.sender_type !== 'user') {
    const own = botOpenId !== undefined && event.sender.sender_id?.open_id === botOpenId;
    return ignored(own ? 'own_message' : 'bot_message');
  }
  if (event.message.message_type === 'system') return ignored('join');
  return { kind: 'received', event };
}

function ignored(reason: IgnoreReason): Classified {
  return { kind: 'ignored', reason };
}

/** Everything not listed (read receipts, reactions, card callbacks, other products) is `unsupported_event`. */
const SERVICE_EVENTS: Record<string, IgnoreReason> = {
  'im.message.updated_v1': 'edit',
  'im.chat.access_event.bot_p2p_chat_entered_v1': 'join',
  'im.chat.member.bot.added_v1': 'join',
  'im.chat.member.bot.deleted_v1': 'join',
  'im.chat.member.user.added_v1': 'join',
  'im.chat.member.user.deleted_v1': 'join',
  'im.chat.member.user.withdrawn_v1': 'join',
  'im.chat.updated_v1': 'join',
  'im.chat.disbanded_v1': 'join',
  // The older schema.
  p2p_chat_create: 'join',
  add_bot: 'join',
  remove_bot: 'join',
  add_user_to_chat: 'join',
  remove_user_from_chat: 'join',
  revoke_add_user_from_chat: 'join',
  chat_disband: 'join',
  group_setting_update: 'join',
};

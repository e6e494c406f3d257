import type { IgnoreReason } from '@parley/core/message';
import type { TelegramMessage, Update } from './update.ts';

export type Classified =
  | { kind: 'message' | 'edited'; message: TelegramMessage }
  | { kind: 'ignored'; reason: IgnoreReason };

/** Decides from an update's outer shape alone whether a person said something in it. */
export function classify(update: Update, botId: number): Classified {
  if (update.message) {
    const reason = whyNot(update.message, botId);
    return reason ? ignored(reason) : { kind: 'message', message: update.message };
  }
  if (update.edited_message) {
    const isQuestion = whyNot(update.edited_message, botId) === undefined && saysSomething(update.edited_message);
    return isQuestion ? { kind: 'edited', message: update.edited_message } : ignored('edit');
  }
  if ('my_chat_member' in update || 'chat_member' in update) return ignored('join');
  return ignored('unsupported_event');
}

function whyNot(message: TelegramMessage, botId: number): IgnoreReason | undefined {
  if (message.chat.type === 'channel') return 'unsupported_event';
  if (message.from?.id === botId) return 'own_message';
  if (SERVICE_FIELDS.some((field) => field in message)) return 'join';
  // A post of the linked channel, which Telegram itself copies into the discussion group.
  if (message.is_automatic_forward) return 'bot_message';
  // With `sender_chat`, `from` is a stand-in bot (GroupAnonymousBot, Channel_Bot) for a person: an anonymous admin or
  // somebody who writes as their channel. Real bots cannot write that way, so it makes no loop to answer.
  if (message.sender_chat) return undefined;
  if (!message.from) return 'unsupported_event';
  return message.from.is_bot ? 'bot_message' : undefined;
}

/** Telegram calls it an edit, too, when a live location moves. */
function saysSomething(message: TelegramMessage): boolean {
  return message.text !== undefined || message.caption !== undefined;
}

function ignored(reason: IgnoreReason): Classified {
  return { kind: 'ignored', reason };
}

/** Fields that make a `Message` a service message: something that happened in the chat, not something that was said. */
const SERVICE_FIELDS = [
  'new_chat_members',
  'left_chat_member',
  'chat_owner_left',
  'chat_owner_changed',
  'new_chat_title',
  'new_chat_photo',
  'delete_chat_photo',
  'group_chat_created',
  'supergroup_chat_created',
  'channel_chat_created',
  'message_auto_delete_timer_changed',
  'migrate_to_chat_id',
  'migrate_from_chat_id',
  'pinned_message',
  'successful_payment',
  'refunded_payment',
  'users_shared',
  'chat_shared',
  'gift',
  'unique_gift',
  'gift_upgrade_sent',
  'connected_website',
  'write_access_allowed',
  'passport_data',
  'proximity_alert_triggered',
  'boost_added',
  'chat_background_set',
  'checklist_tasks_done',
  'checklist_tasks_added',
  'direct_message_price_changed',
  'paid_message_price_changed',
  'forum_topic_created',
  'forum_topic_edited',
  'forum_topic_closed',
  'forum_topic_reopened',
  'general_forum_topic_hidden',
  'general_forum_topic_unhidden',
  'giveaway_created',
  'giveaway_completed',
  'suggested_post_approved',
  'suggested_post_approval_failed',
  'suggested_post_declined',
  'suggested_post_paid',
  'suggested_post_refunded',
  'video_chat_scheduled',
  'video_chat_started',
  'video_chat_ended',
  'video_chat_participants_invited',
  'web_app_data',
] as const;

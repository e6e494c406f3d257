import type { Triggers } from '../config/schema.ts';
import type { IgnoreReason, Message } from './index.ts';

/** Commands the hub itself answers, on every channel whatever its whitelist says. */
export const HUB_COMMANDS: ReadonlySet<string> = new Set(['/help', '/start', '/reset', '/stop', '/model', '/quota']);

/** Why a message is for the bot. */
export type TriggerReason = 'direct' | 'mention' | 'reply' | 'command' | 'own_thread' | 'always';

export type TriggerDecision = { accept: true; why: TriggerReason } | { accept: false; reason: IgnoreReason };

const ignore = (reason: IgnoreReason): TriggerDecision => ({ accept: false, reason });

/**
 * Whether the bot is meant, by the channel's triggers (docs/configuration.md). Most group traffic ends here, so the
 * one question that costs a look-up is asked last and only about messages that hang under another one.
 *
 * @param isOwnRef whether any of these message or thread ids is the bot's own
 */
export async function decideTrigger(
  message: Message,
  triggers: Triggers,
  isOwnRef: (refs: string[]) => Promise<boolean>,
): Promise<TriggerDecision> {
  if (triggers.deny_users.includes(message.sender.id)) return ignore('user_denied');
  if (triggers.allow_chats.length > 0 && !triggers.allow_chats.includes(message.chat.id))
    return ignore('chat_not_allowed');
  const isCommand = isKnownCommand(message, triggers);
  return message.chat.kind === 'direct'
    ? inDirect(triggers, isCommand)
    : inGroup(message, triggers, isCommand, isOwnRef);
}

function inDirect(triggers: Triggers, isCommand: boolean): TriggerDecision {
  if (triggers.direct === 'never') return ignore('direct_disabled');
  if (isCommand) return { accept: true, why: 'command' };
  if (triggers.direct === 'command') return ignore('direct_disabled');
  return { accept: true, why: 'direct' };
}

async function inGroup(
  message: Message,
  triggers: Triggers,
  isCommand: boolean,
  isOwnRef: (refs: string[]) => Promise<boolean>,
): Promise<TriggerDecision> {
  if (triggers.group === 'never') return ignore('group_disabled');
  if (isCommand) return { accept: true, why: 'command' };
  if (triggers.group === 'command') return ignore('not_addressed');
  if (message.addressed) return { accept: true, why: message.addressed };
  // From here on the message does not name the bot, so one without any text is no question to it.
  if (isBlank(message)) return ignore(triggers.group === 'always' ? 'empty' : 'not_addressed');
  if (triggers.group === 'always') return { accept: true, why: 'always' };
  if (message.contextRefs.length > 0 && (await isOwnRef(message.contextRefs)))
    return { accept: true, why: 'own_thread' };
  return ignore('not_addressed');
}

function isKnownCommand(message: Message, triggers: Triggers): boolean {
  const name = message.command?.name;
  return name !== undefined && (triggers.commands.includes(name) || HUB_COMMANDS.has(name));
}

const isBlank = (message: Message) => message.text.trim() === '' && message.attachments.length === 0;

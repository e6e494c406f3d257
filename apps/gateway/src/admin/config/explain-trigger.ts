interface Bilingual {
  en: string;
  zh: string;
}

const ACCEPTED: Record<string, Bilingual> = {
  direct: { en: 'It is a direct message, and the bot answers all of them.', zh: '这是私聊消息，机器人回答所有私聊。' },
  mention: { en: 'It mentions the bot.', zh: '消息提及了机器人。' },
  reply: { en: 'It replies to a message of the bot.', zh: '消息回复了机器人的消息。' },
  command: { en: 'It is a command the bot knows.', zh: '这是机器人认识的命令。' },
  own_thread: { en: 'It stands in a thread of the bot.', zh: '消息在机器人自己的话题里。' },
  always: { en: 'The bot answers everything in groups.', zh: '机器人回答群里的所有消息。' },
};

const IGNORED: Record<string, Bilingual> = {
  not_addressed: {
    en: 'It is in a group and does not address the bot: mention it, use a command, or set triggers.group to always.',
    zh: '群消息没有找机器人：请提及它、使用命令，或把 triggers.group 设为 always。',
  },
  direct_disabled: {
    en: 'Direct messages are not answered here (triggers.direct), or only commands are.',
    zh: '此渠道不回答私聊，或只回答命令（triggers.direct）。',
  },
  group_disabled: {
    en: 'Groups are not answered here (triggers.group).',
    zh: '此渠道不回答群消息（triggers.group）。',
  },
  chat_not_allowed: { en: 'The chat is not in triggers.allow_chats.', zh: '该会话不在 triggers.allow_chats 中。' },
  user_denied: { en: 'The person is in triggers.deny_users.', zh: '该用户在 triggers.deny_users 中。' },
  empty: { en: 'There is nothing in it to answer.', zh: '消息里没有可回答的内容。' },
};

/** A trigger's reason in words. */
export function explainTrigger(reason: string, accept: boolean): Bilingual {
  const known = (accept ? ACCEPTED : IGNORED)[reason];
  return known ?? { en: `Ignored: ${reason}`, zh: `忽略：${reason}` };
}

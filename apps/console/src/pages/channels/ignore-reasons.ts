import { texts } from '../../i18n/texts.ts';

const useText = texts({
  handshake: ['Handshake of the platform', '平台的握手校验'],
  unsupported_event: ['An event the hub has no use for', '无需处理的事件类型'],
  own_message: ['The bot’s own message', '机器人自己的消息'],
  bot_message: ['Another bot’s message', '其他机器人的消息'],
  edit: ['An edit', '消息编辑'],
  join: ['Joins, leaves and other notices', '进群、退群等系统消息'],
  duplicate: ['Seen before', '重复事件'],
  empty: ['Nothing to answer', '没有可回答的内容'],
  other_bot_command: ['A command for another bot', '发给其他机器人的命令'],
  not_addressed: ['Group talk that is not for the bot', '群聊中未提及机器人'],
  direct_disabled: ['Direct chats are off', '私聊已关闭'],
  group_disabled: ['Groups are off', '群聊已关闭'],
  chat_not_allowed: ['The chat is not on the list', '会话不在允许列表中'],
  user_denied: ['The person is on the deny list', '用户在忽略列表中'],
});

/** A reason to ignore an event, in words. */
export function useIgnoreReason(): (reason: string) => string {
  const t = useText();
  return (reason) => (t as Record<string, string>)[reason] ?? reason;
}

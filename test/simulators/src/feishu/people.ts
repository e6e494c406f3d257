import { type BotContent, newMessage } from './api/compose.ts';
import { replyPlace } from './api/messages-send.ts';
import type { AppIdentity } from './events.ts';
import { idFromName, newId } from './ids.ts';
import type { FeishuSayInput } from './types.ts';
import type { Chat, Mention, StoredMessage, World } from './world.ts';

/** Chats and threads go by their id, or by any other name, which always stands for the same id. */
export function idOf(prefix: 'oc' | 'omt', name: string): string {
  return name.startsWith(`${prefix}_`) ? name : idFromName(prefix, name);
}

/** The message that Feishu makes of what a person said; it is in the world afterwards. */
export function compose(
  input: FeishuSayInput,
  deps: { app: AppIdentity; world: World; now: number },
): { message: StoredMessage; chat: Chat } {
  const { app, world, now } = deps;
  const person = world.person(input.from ?? 'alice');
  const kind = input.kind === 'group' ? 'group' : 'p2p';
  const chat = world.chat(idOf('oc', input.chat), kind, person) as Chat;
  const sender: StoredMessage['sender'] = input.fromBot
    ? { type: 'app', openId: person.openId }
    : { type: 'user', person };
  const message = newMessage(contentOf(input, app, world), placeOf(input, chat, world), sender, now);
  if (input.file !== undefined) {
    const key = String(message.content.image_key ?? message.content.file_key);
    message.resources.set(key, { bytes: input.file.bytes, name: input.file.name });
  }
  world.add(message);
  return { message, chat };
}

function contentOf(input: FeishuSayInput, app: AppIdentity, world: World): BotContent {
  if (input.content !== undefined) return { msgType: input.content.msgType, content: input.content.body, mentions: [] };
  if (input.file?.kind === 'image') {
    return { msgType: 'image', content: { image_key: newId('img_v3') }, mentions: [] };
  }
  if (input.file !== undefined) {
    const content = { file_key: newId('file_v3'), file_name: input.file.name };
    return { msgType: 'file', content, mentions: [] };
  }
  const mentioned = (input.mentions ?? []).map((name) => world.person(name));
  const everybody = [...(input.mentionBot ? [{ openId: app.openId, name: app.appName }] : []), ...mentioned];
  const mentions: Mention[] = everybody.map(({ openId, name }, index) => ({
    key: `@_user_${index + 1}`,
    openId,
    name,
  }));
  const text = [...mentions.map(({ key }) => key), ...(input.mentionAll ? ['@_all'] : []), input.text].join(' ');
  return { msgType: 'text', content: { text }, mentions };
}

function placeOf(input: FeishuSayInput, chat: Chat, world: World): Parameters<typeof newMessage>[1] {
  const target = input.replyTo === undefined ? undefined : world.message(input.replyTo);
  if (input.replyTo !== undefined && target?.chatId !== chat.id) {
    throw new Error(`No message ${input.replyTo} in ${input.chat}.`);
  }
  if (input.thread === undefined) {
    return target === undefined ? { chatId: chat.id } : replyPlace(target, target.threadId !== undefined, world);
  }
  const threadId = idOf('omt', input.thread);
  const root = world.threadRoot(threadId) ?? target;
  if (root !== undefined) root.threadId ??= threadId;
  return { chatId: chat.id, threadId, ...(root && { rootId: root.id, parentId: root.id }) };
}

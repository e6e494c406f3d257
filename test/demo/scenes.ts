import type { SimMessage } from '@parley/simulators';
import type { World } from '../support/index.ts';
import type { PlatformName, Scene, Step } from './play.ts';

const ask =
  (text: string, over: { kind?: 'group'; mentionBot?: boolean } = {}): Step['act'] =>
  (platform, { chat }) =>
    platform.say({ chat, text, ...over });

/** A command as people on that platform write it. */
const command =
  (word: string, args = ''): Step['act'] =>
  async (platform, { chat }) => {
    const text = `${word} ${args}`.trim();
    if (platform.platform !== 'slack') return platform.say({ chat, text: `/${text}` });
    const slash = { chat, command: '/ai', text: word === 'ai' ? args : text };
    return { id: (await (platform as World['slack']).slash(slash)).triggerId };
  };

/** The conversation every platform holds, in a direct chat. */
const direct = (platform: PlatformName): Scene => ({
  title: { en: 'direct chat', zh: '私聊' },
  platform,
  chat: `${platform}-direct`,
  steps: [
    {
      title: { en: 'A direct question', zh: '私聊提问' },
      act: ask('What is a hub?'),
      expect: 'About What is a hub?',
    },
    {
      title: { en: 'The bot remembers', zh: '机器人记得上文' },
      act: ask('Do you remember?'),
      expect: 'You began with: What is a hub?',
    },
    {
      title: { en: 'A long answer is shown while it is written', zh: '长回答边生成边显示' },
      act: ask('Tell me a story'),
      expect: 'The end.',
      previews: 2,
    },
    { title: { en: 'A command', zh: '命令提问' }, act: command('ai', '用命令提问'), expect: 'About 用命令提问' },
    { title: { en: 'A new conversation', zh: '开始新的对话' }, act: command('reset'), expect: 'new conversation' },
    {
      title: { en: 'Nothing is remembered', zh: '之前的内容已忘记' },
      act: ask('Do you remember?'),
      expect: 'I remember nothing',
    },
  ],
});

/** In a group the bot answers when it is meant, and in place. */
const group = (platform: PlatformName): Scene => ({
  title: { en: 'group', zh: '群聊' },
  platform,
  chat: `${platform}-group`,
  steps: [
    { title: { en: 'Chatter is left alone', zh: '群聊闲谈不回复' }, act: ask('Lunch, anyone?', { kind: 'group' }) },
    {
      title: { en: 'A mention is answered in place', zh: '被 @ 时就地回复' },
      act: ask('这个怎么用？', { kind: 'group', mentionBot: true }),
      expect: 'About 这个怎么用？',
      where: inPlace(platform),
    },
    {
      title: { en: "Going on under the bot's answer needs no mention", zh: '在机器人的回复下继续提问，无需再 @' },
      act: (p, { chat, lastQuestion, lastReply }) =>
        p.say({
          chat,
          kind: 'group',
          text: 'And what next?',
          ...(platform === 'slack' ? { thread: lastQuestion.id } : { replyTo: lastReply.id }),
        }),
      expect: 'About And what next?',
    },
  ],
});

function inPlace(platform: PlatformName): (reply: SimMessage, question: { id: string }) => boolean {
  return (reply, question) => (platform === 'slack' ? reply.thread === question.id : reply.replyTo === question.id);
}

const PLATFORMS: PlatformName[] = ['slack', 'telegram', 'feishu'];
export const SCENES: Scene[] = PLATFORMS.flatMap((platform) => [direct(platform), group(platform)]);

import type { Platform } from '@parley/core/message';

interface Bilingual {
  en: string;
  zh: string;
}

export interface CheckItem {
  id: string;
  kind: 'scope' | 'event' | 'setting';
  name: string;
  why: Bilingual;
  /** Kinds of events (see inbound.ts) that prove it. */
  seenAs?: string[];
}

const item = (kind: CheckItem['kind'], name: string, en: string, zh: string, seenAs?: string[]): CheckItem => ({
  id: `${kind}:${name}`,
  kind,
  name,
  why: { en, zh },
  ...(seenAs && { seenAs }),
});

const ANY = ['direct', 'group', 'mention', 'command'];

/** What has to be granted and subscribed; docs/connect says the same at length. */
export const CHECKLISTS: Record<Platform, CheckItem[]> = {
  feishu: [
    item('event', 'im.message.receive_v1', 'messages reach the hub', '消息能到达本系统', ANY),
    item('scope', 'im:message', 'read and send messages', '读取与发送消息'),
    item('scope', 'im:message:send_as_bot', 'send as the bot', '以机器人身份发送'),
    item('scope', 'im:message.p2p_msg:readonly', 'receive direct messages', '接收私聊消息', ['direct']),
    item('scope', 'im:message.group_at_msg:readonly', 'receive mentions in groups', '接收群里提及机器人的消息', [
      'mention',
    ]),
    item('scope', 'im:message.reactions:write_only', 'the Typing reaction', '“正在输入”表情'),
    item('scope', 'im:resource', 'for files', '读取文件'),
    item('scope', 'cardkit:card:write', 'answers that grow while they are written', '流式显示回答'),
  ],
  slack: [
    item('event', 'app_mention', 'mentions in channels', '频道中的提及', ['mention']),
    item('event', 'message.im', 'direct messages', '私信', ['direct']),
    item('event', 'message.channels', 'threads in public channels', '公开频道的消息列', ['group', 'mention']),
    item('event', 'message.groups', 'threads in private channels', '私有频道的消息列'),
    item('event', 'message.mpim', 'group direct messages', '多人私信'),
    item('scope', 'commands', 'the slash command /ai', '斜杠命令 /ai', ['command']),
    ...[
      ['app_mentions:read', 'mentions', '提及'],
      ['channels:history', 'threads in public channels', '公开频道的消息列'],
      ['groups:history', 'threads in private channels', '私有频道的消息列'],
      ['im:history', 'direct messages', '私信'],
      ['mpim:history', 'group direct messages', '多人私信'],
      ['chat:write', 'replies', '回复'],
      ['files:read', 'for files', '读取文件'],
    ].map(([name = '', en = '', zh = '']) => item('scope', name, en, zh)),
  ],
  telegram: [
    item('setting', 'token', 'a bot made at @BotFather', '在 @BotFather 创建的机器人', ANY),
    item(
      'setting',
      'privacy mode',
      'may stay on; off only to answer everything in groups',
      '可保持开启；只有要回答群里所有消息时才关闭',
      ['group'],
    ),
    item(
      'setting',
      'join groups',
      '/setjoingroups at @BotFather, if it is to be in groups',
      '要进群时在 @BotFather 用 /setjoingroups 允许',
      ['mention'],
    ),
  ],
};

export const STEPS: Record<Platform, Bilingual[]> = {
  feishu: [
    {
      en: 'Open open.feishu.cn/app (Lark: open.larksuite.com/app) and create a custom app with the feature Bot.',
      zh: '打开 open.feishu.cn/app（Lark：open.larksuite.com/app），创建自建应用并添加“机器人”能力。',
    },
    { en: 'Permissions & Scopes: import the scopes of the checklist.', zh: '“权限管理”：开通清单中的权限。' },
    {
      en: 'Credentials & Basic Info: copy App ID and App Secret into the form. For a webhook set an Encrypt Key and copy it with the Verification Token.',
      zh: '“凭证与基础信息”：把 App ID 与 App Secret 填入表单。使用 webhook 时设置 Encrypt Key，并连同 Verification Token 一起填入。',
    },
    {
      en: 'Save the channel here first, then in Events & Callbacks enter the webhook URL or choose the persistent connection, and add im.message.receive_v1.',
      zh: '先在此保存渠道，再到“事件与回调”填写 webhook 地址或选择长连接，并添加 im.message.receive_v1。',
    },
    {
      en: 'Create a version and publish it: scopes and events count only after that.',
      zh: '创建版本并发布：之后权限与事件才生效。',
    },
  ],
  slack: [
    {
      en: 'Open api.slack.com/apps, choose Create New App, From a manifest, and paste the manifest.',
      zh: '打开 api.slack.com/apps，选择 Create New App → From a manifest，粘贴清单。',
    },
    {
      en: 'Install App: install it in the workspace and copy the bot token (xoxb-…).',
      zh: 'Install App：安装到工作区并复制 bot token（xoxb-…）。',
    },
    {
      en: 'Basic Information: copy the signing secret, or for Socket Mode make an app-level token with connections:write (xapp-…).',
      zh: 'Basic Information：复制 signing secret；使用 Socket Mode 时创建带 connections:write 的 app-level token（xapp-…）。',
    },
    {
      en: 'Save the channel here; then Event Subscriptions, Retry, so that Slack checks the URL.',
      zh: '在此保存渠道；再到 Event Subscriptions 点 Retry，让 Slack 校验地址。',
    },
  ],
  telegram: [
    {
      en: 'In Telegram, open @BotFather, send /newbot and copy the token.',
      zh: '在 Telegram 打开 @BotFather，发送 /newbot 并复制 token。',
    },
    {
      en: 'Long polling needs nothing else. For a webhook choose a secret; the hub registers the address by itself.',
      zh: '长轮询不需要其他设置。使用 webhook 时自定一个 secret，地址由本系统自动注册。',
    },
  ],
};

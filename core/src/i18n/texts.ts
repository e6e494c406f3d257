import type { Language } from '../message/index.ts';

/** Everything the hub itself says in a chat. `{name}` is filled in by `hubText`. */
export const HUB_TEXTS = {
  failed: {
    en: 'Sorry, I could not answer that just now. Please try again in a moment. (Reference: {reference})',
    zh: '抱歉，暂时无法回答这个问题，请稍后再试。（编号：{reference}）',
  },
  failed_busy: {
    en: 'The AI service is overloaded right now. Please try again in a minute. (Reference: {reference})',
    zh: 'AI 服务当前繁忙，请一分钟后再试。（编号：{reference}）',
  },
  failed_too_long: {
    en: 'That is too long for the model to read. Shorten it, or start a new conversation with `{reset}`. (Reference: {reference})',
    zh: '内容太长，模型无法处理。请缩短内容，或用 `{reset}` 开始新的对话。（编号：{reference}）',
  },
  failed_filtered: {
    en: "The AI provider's content filter refused this question. (Reference: {reference})",
    zh: 'AI 服务商的内容审核拒绝了这个问题。（编号：{reference}）',
  },
  failed_no_model: {
    en: 'No AI model is available at the moment. Please let an administrator know. (Reference: {reference})',
    zh: '目前没有可用的 AI 模型，请联系管理员处理。（编号：{reference}）',
  },
  blocked_keyword: {
    en: 'This touches a subject that is not allowed here, so I cannot answer it. (Reference: {reference})',
    zh: '内容涉及此处不允许的话题，无法回答。（编号：{reference}）',
  },
  blocked_injection: {
    en: 'This looks like an attempt to change my instructions, so I cannot answer it. Please put it another way. (Reference: {reference})',
    zh: '这条消息像是在试图更改我的指令，无法回答，请换一种说法。（编号：{reference}）',
  },
  stopped: { en: '_(stopped)_', zh: '_（已停止）_' },
  stop_nothing: {
    en: 'There is nothing to stop: no answer is being written here right now.',
    zh: '目前没有正在进行的回答，无需停止。',
  },
  person: { en: 'Person {number}', zh: '用户 {number}' },
  reset_done: {
    en: 'Done. This is a new conversation: I no longer remember what was said before.',
    zh: '好的，已开始新的对话，之前的内容我已不再记得。',
  },
  help: {
    en: 'Ask me anything.\n\n- `{ask} your question`: ask\n- `{reset}`: start a new conversation\n- `{stop}`: stop the answer that is being written\n- `{model}`: show or pick the model\n- `{quota}`: what is left, and when it resets\n- `{help}`: this help\n\nIn groups, mention me or reply to one of my messages.',
    zh: '有问题尽管问我。\n\n- `{ask} 你的问题`：提问\n- `{reset}`：开始新的对话\n- `{stop}`：停止正在进行的回答\n- `{model}`：查看或选择模型\n- `{quota}`：查看剩余额度和重置时间\n- `{help}`：显示本帮助\n\n在群里请 @我，或回复我的消息。',
  },
  ask_usage: {
    en: 'What would you like to ask? Write it after the command: `{ask} your question`',
    zh: '想问什么？请写在命令后面：`{ask} 你的问题`',
  },
  model_list: {
    en: 'Models, in order of preference:\n\n{list}\n\nPick one for this conversation with `{model} NAME`, or go back with `{model} auto`.',
    zh: '可用模型（按优先顺序）：\n\n{list}\n\n用 `{model} 名称` 为本对话选择模型，用 `{model} auto` 恢复默认。',
  },
  model_picked: { en: 'This conversation now uses `{name}`.', zh: '本对话现在使用 `{name}`。' },
  model_auto: { en: 'This conversation uses the default model again.', zh: '本对话已恢复使用默认模型。' },
  model_unknown: {
    en: 'There is no model `{name}` here. Use `{model}` to see what is available.',
    zh: '没有名为 `{name}` 的模型。用 `{model}` 查看可用模型。',
  },
  model_current: { en: 'in use', zh: '使用中' },
  attachments_only: {
    en: 'So far I can only read text. Please put your question into words.',
    zh: '我目前只能读取文字，请用文字描述你的问题。',
  },
  chat_flooded: {
    en: 'Too many messages are waiting in this chat. I will answer those first; please send this one again later.',
    zh: '本会话中等待回答的消息太多，我会先回答已收到的消息，请稍后重新发送。',
  },
  refused_limit: {
    en: 'The limit is reached: {limit}. It resets at {reset}.',
    zh: '已达到限额：{limit}。将于 {reset} 重置。',
  },
  refused_budget: {
    en: 'The budget is used up: {limit}. It resets at {reset}.',
    zh: '预算已用完：{limit}。将于 {reset} 重置。',
  },
  quota_title: { en: 'What is left:', zh: '剩余额度：' },
  quota_none: { en: 'There are no limits here.', zh: '这里没有设置限额。' },
  quota_line: {
    en: '- {left} of {limit}; resets at {reset}',
    zh: '- {limit}：剩余 {left}，{reset} 重置',
  },
  limit_name: { en: '{unit} {window} {level}: {amount}', zh: '{level}{window}{unit}：最多 {amount}' },
  unit_requests: { en: 'requests', zh: '请求数' },
  unit_tokens: { en: 'tokens', zh: 'token 数' },
  unit_micro_usd: { en: 'US dollars', zh: '费用' },
  window_minute: { en: 'a minute', zh: '每分钟' },
  window_hour: { en: 'an hour', zh: '每小时' },
  window_day: { en: 'a day', zh: '每天' },
  window_month: { en: 'a month', zh: '每月' },
  level_tenant: { en: 'for the whole company', zh: '整个团队' },
  level_user: { en: 'for each person', zh: '每人' },
  level_model: { en: 'for the model {name}', zh: '模型 {name}' },
  level_api_key: { en: 'for the API key {name}', zh: 'API 密钥 {name}' },
  level_platform: { en: 'on {name}', zh: '{name} 平台' },
  level_group: { en: 'for each group', zh: '每个群' },
  admin_budget: {
    en: 'Budget: {percent} % of {limit} for {period} is used ({used}).',
    zh: '预算：{period} 的 {limit} 已用 {percent}%（{used}）。',
  },
  admin_budget_used: {
    en: 'Budget: {limit} for {period} is used up. From now on what the tenant set for this case applies (block or downgrade).',
    zh: '预算：{period} 的 {limit} 已用完，现在起按租户的设置处理（停用或改用便宜的模型）。',
  },
  admin_user_budget: {
    en: 'Budget of user {user}: {percent} % of {limit} for {period} is used ({used}).',
    zh: '用户 {user} 的预算：{period} 的 {limit} 已用 {percent}%（{used}）。',
  },
  admin_user_budget_used: {
    en: 'Budget of user {user}: {limit} for {period} is used up.',
    zh: '用户 {user} 的预算：{period} 的 {limit} 已用完。',
  },
  admin_anomaly: {
    en: 'Unusual use: {who} used {tokens} tokens in this hour, usually {usual}.',
    zh: '用量异常：{who} 本小时已用 {tokens} 个 token，平时约 {usual} 个。',
  },
  admin_key_age: {
    en: 'The key {key} of model {model} has been in use for {days} days. Time to replace it.',
    zh: '模型 {model} 的密钥 {key} 已使用 {days} 天，建议更换。',
  },
} satisfies Record<string, Record<Language, string>>;

export type HubTextKey = keyof typeof HUB_TEXTS;

/** A text of the hub in the asker's language, with its `{placeholders}` filled. Unknown placeholders stay visible. */
export function hubText(key: HubTextKey, language: Language, values: Record<string, string> = {}): string {
  return HUB_TEXTS[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

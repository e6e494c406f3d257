import type { InBoth } from './types.ts';

/** What an error code means to somebody who wants to know what to do about it. */
const REASONS: Readonly<Record<string, InBoth>> = {
  model_rate_limited: {
    en: 'the model’s provider allows no more requests for now',
    zh: '模型服务商暂时不再接受更多请求',
  },
  model_overloaded: { en: 'the model’s provider is overloaded or down', zh: '模型服务商过载或故障' },
  model_auth: { en: 'the model’s provider refuses the key', zh: '模型服务商拒绝了密钥' },
  model_out_of_money: { en: 'the account at the model’s provider has no money left', zh: '模型服务商账户余额不足' },
  model_context_too_long: { en: 'the conversation is longer than the model can read', zh: '对话长度超过模型上限' },
  model_content_filtered: { en: 'the provider’s content filter refused it', zh: '被模型服务商的内容审核拒绝' },
  model_timeout: { en: 'the model did not answer in time', zh: '模型未在限定时间内回答' },
  model_aborted: { en: 'whoever asked left before the answer', zh: '提问方在回答之前离开' },
  model_invalid_request: { en: 'the provider does not take the request as it is', zh: '模型服务商不接受该请求' },
  model_bad_response: { en: 'the model’s answer broke off or made no sense', zh: '模型的回答中断或无法识别' },
  no_model_available: { en: 'no model is configured or usable for this tenant', zh: '该租户没有可用的模型' },
  platform_rate_limited: {
    en: 'the chat platform lets the bot send no more for now',
    zh: '聊天平台暂时不允许机器人继续发送',
  },
  platform_unavailable: { en: 'the chat platform could not be reached', zh: '无法连接聊天平台' },
  platform_unauthorized: { en: 'the chat platform refuses the bot’s credentials', zh: '聊天平台拒绝了机器人的凭据' },
  platform_rejected: {
    en: 'the chat platform refused the message (chat gone, bot removed or content not allowed)',
    zh: '聊天平台拒绝了该消息（会话不存在、机器人被移除或内容不被允许）',
  },
  not_found: { en: 'the channel is no longer configured', zh: '该渠道已不在配置中' },
  unavailable: { en: 'Redis or the database could not be reached', zh: '无法连接 Redis 或数据库' },
  rate_limited: { en: 'too many requests in a short time', zh: '短时间内请求过多' },
  quota_exceeded: { en: 'the quota is used up', zh: '配额已用完' },
  budget_exceeded: { en: 'the budget is used up', zh: '预算已用完' },
  blocked: { en: 'the guard refused it', zh: '被内容安全规则拒绝' },
  stopped: { en: 'somebody stopped it', zh: '已被人停止' },
  internal: {
    en: 'something unforeseen went wrong inside the hub; the log says more',
    zh: '系统内部出现意外错误，详见日志',
  },
};

/** Why something failed; an unknown code stands for itself. */
export function reasonOf(errorCode: string | null | undefined): InBoth {
  const code = errorCode ?? 'internal';
  return (Object.hasOwn(REASONS, code) ? REASONS[code] : undefined) ?? { en: code, zh: code };
}

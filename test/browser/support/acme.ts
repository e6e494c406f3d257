import type { World } from '../../support/index.ts';

/** Questions of one person in a minute. */
export const USER_LIMIT = 6;

/** A configuration that uses a bit of everything: bots of the simulated platforms, two models, limits, rules, guard. */
export function documentOf(world: World, claudeUrl: string) {
  const bots = world.platforms.map(({ platform, credentials, url }) => ({
    id: platform,
    tenant: 'acme',
    platform,
    credentials,
    api_base_url: url,
  }));
  return {
    version: 1,
    tenants: [
      {
        id: 'acme',
        name: 'Acme',
        models: ['gpt-4o', 'claude'],
        system_prompt: 'You are Acme’s assistant. Answer in the language of the question, briefly.',
        timezone: 'Asia/Shanghai',
        limits: { minute: 60, day: 10_000 },
        user_limits: { minute: USER_LIMIT, tokens_day: 200_000 },
        model_limits: { 'gpt-4o': { minute: 30 } },
        budget: { monthly_usd: 1, warn_at: [0.5, 0.8], on_exceeded: 'downgrade', downgrade_to: 'claude' },
        transcripts: { keep: true, days: 30 },
      },
      { id: 'globex', name: 'Globex 环球', models: ['claude'], transcripts: { keep: false, days: 7 } },
    ],
    channels: bots,
    models: [
      {
        id: 'gpt-4o',
        provider: 'openai',
        model: 'gpt-4o',
        endpoints: [{ base_url: world.openai.url, region: 'eu' }],
        keys: ['sk-first-key', 'sk-second-key'],
        price: { input: 250, output: 1000 },
      },
      {
        id: 'claude',
        provider: 'anthropic',
        model: 'claude-sonnet',
        endpoints: [{ base_url: claudeUrl }],
        keys: ['sk-ant-key'],
        price: { input: 3, output: 15 },
      },
    ],
    rules: [
      { tenant: 'acme', match: { exact: ['hi', '你好'] }, reply: 'Hello! Ask me anything.' },
      { tenant: 'acme', match: { keywords: ['contract', '合同'] }, model: 'claude' },
    ],
    guard: [
      {
        tenant: 'acme',
        mask: ['credit_card', 'cn_mobile', 'email'],
        patterns: [{ name: 'employee_id', regex: 'E\\d{6}' }],
        block_keywords: ['codename nightingale'],
        injection: 'flag',
      },
    ],
  };
}

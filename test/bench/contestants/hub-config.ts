import { BOTS, type PlatformName, SECRETS, telegramToken } from '../world/people.ts';

/** The key of the chat API. */
export const API_KEY = 'bench-api-key-0123456789';

export interface HubConfigOptions {
  /** Addresses of the model API, `/v1` included. */
  modelUrls: string[];
  platformUrl: string;
  platforms: PlatformName[];
  /** Earlier turns that the model is sent; default the hub's own. */
  turns?: number | undefined;
  scope?: 'chat' | 'thread' | 'user';
}

const PLENTY = 1_000_000_000;

/**
 * The hub with everything switched on that costs something: limits at every level, a budget with a priced model, masks,
 * keywords, rules, transcripts. Many bots, as each platform bounds what one of them may send.
 */
export function hubConfig({ modelUrls, platformUrl, platforms, turns }: HubConfigOptions): { models: object[] } {
  const plenty = { minute: PLENTY, hour: PLENTY, day: PLENTY };
  return {
    version: 1,
    tenants: [
      {
        id: 'acme',
        name: 'Acme',
        models: ['stub'],
        system_prompt: "You are Acme's assistant.",
        ...(turns !== undefined && { session: { turns } }),
        limits: plenty,
        user_limits: plenty,
        model_limits: { stub: plenty },
        budget: { monthly_usd: PLENTY, warn_at: [0.5, 0.8] },
      },
    ],
    channels: platforms.flatMap((platform) =>
      Array.from({ length: BOTS[platform] }, (_, bot) => ({
        id: `${platform}-${bot}`,
        tenant: 'acme',
        platform,
        credentials: credentialsOf(platform, bot),
        api_base_url: platformUrl,
      })),
    ),
    models: [
      {
        id: 'stub',
        provider: 'openai',
        endpoints: modelUrls.map((base_url) => ({ base_url })),
        keys: ['sk-stub'],
        price: { input: 2.5, output: 10 },
      },
    ],
    rules: [
      { tenant: 'acme', match: { exact: ['hi', 'hello', '你好'] }, reply: 'Hello! Ask me anything.' },
      { tenant: 'acme', match: { keywords: ['holiday calendar', 'opening hours'] }, reply: 'See the intranet.' },
    ],
    guard: [
      {
        tenant: 'acme',
        mask: ['credit_card', 'cn_id_card', 'cn_mobile', 'us_ssn', 'email', 'iban'],
        patterns: [{ name: 'employee_id', regex: 'E\\d{6}' }],
        block_keywords: ['project blackbird', 'salary list'],
      },
    ],
    api_keys: [{ id: 'bench', tenant: 'acme', key: API_KEY, limits: plenty }],
  } as { models: object[] };
}

function credentialsOf(platform: PlatformName, bot: number): object {
  switch (platform) {
    case 'slack':
      return { bot_token: `${SECRETS.slackBot}-${bot}`, signing_secret: SECRETS.slackSigning };
    case 'telegram':
      return { bot_token: telegramToken(bot), webhook_secret: SECRETS.telegramSecret };
    case 'feishu':
      return {
        app_id: `cli_bench${bot}`,
        app_secret: 'bench-app-secret',
        encrypt_key: SECRETS.feishuEncrypt,
        verification_token: SECRETS.feishuToken,
      };
  }
}

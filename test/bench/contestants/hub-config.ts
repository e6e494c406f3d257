import { BOTS, type PlatformName, SECRETS, telegramToken } from '../world/people.ts';

/** The key of the chat API. */
export const API_KEY = 'bench-api-key-0123456789';

export interface HubConfigOptions {
  /** Addresses of the model API, `/v1` included. */
  modelUrls: string[];
  platformUrl: string;
  platforms: PlatformName[];
  /** Earlier turns that the model is sent, by tenant; default the hub's own. */
  turns?: number[] | undefined;
  /** How many there are; each tenant has as many bots in a row, rules are the first one's. Default 1, all bots, 2. */
  tenants?: number | undefined;
  bots?: number | undefined;
  rules?: number | undefined;
}

const PLENTY = 1_000_000_000;
/** Limits that count and are never reached. */
const UNREACHED = { minute: PLENTY, hour: PLENTY, day: PLENTY };

/**
 * The hub with everything switched on that costs something: limits at every level, a budget with a priced model, masks,
 * keywords, rules, transcripts. Many bots, as each platform bounds what one of them may send.
 */
export function hubConfig(options: HubConfigOptions): { models: object[] } {
  const { modelUrls, platformUrl, platforms, turns = [], tenants = 1, bots, rules = 2 } = options;
  const names = Array.from({ length: tenants }, (_, tenant) => tenantName(tenant));
  return {
    version: 1,
    tenants: names.map((id, tenant) => ({
      id,
      name: 'Acme',
      models: ['stub'],
      system_prompt: "You are Acme's assistant.",
      ...(turns[tenant] !== undefined && { session: { turns: turns[tenant] } }),
      limits: UNREACHED,
      user_limits: UNREACHED,
      model_limits: { stub: UNREACHED },
      budget: { monthly_usd: PLENTY, warn_at: [0.5, 0.8] },
    })),
    channels: platforms.flatMap((platform) =>
      Array.from({ length: bots ?? BOTS[platform] }, (_, bot) => ({
        id: `${platform}-${bot}`,
        tenant: tenantName(Math.floor((bot * tenants) / (bots ?? BOTS[platform]))),
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
    rules: Array.from({ length: rules }, (_, rule) => ({ tenant: tenantName(0), ...ruleOf(rule) })),
    guard: names.map((tenant) => ({
      tenant,
      mask: ['credit_card', 'cn_id_card', 'cn_mobile', 'us_ssn', 'email', 'iban'],
      patterns: [{ name: 'employee_id', regex: 'E\\d{6}' }],
      block_keywords: ['project blackbird', 'salary list'],
    })),
    api_keys: [{ id: 'bench', tenant: tenantName(0), key: API_KEY, limits: UNREACHED }],
  } as { models: object[] };
}

export function tenantName(tenant: number): string {
  return tenant === 0 ? 'acme' : `acme-${tenant}`;
}

/** Rules that no question of the benchmark matches: each has to be looked at. */
function ruleOf(index: number): object {
  if (index === 0) return { match: { exact: ['hi', 'hello', '你好'] }, reply: 'Hello! Ask me anything.' };
  if (index === 1) return { match: { keywords: ['holiday calendar', 'opening hours'] }, reply: 'See the intranet.' };
  const kinds = [{ exact: [`menu ${index}`] }, { prefix: [`ticket ${index}`] }, { keywords: [`form ${index}`] }];
  // A pattern is tried on every message, so people have few of them.
  const match = index % 20 === 0 ? { regex: `^order no\\. ${index}-\\d+$` } : kinds[index % 3];
  return { match, reply: `See page ${index} of the intranet.` };
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

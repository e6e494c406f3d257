import type { Logger } from 'pino';
import type { TenantConfig } from '../config/index.ts';
import { type HubTextKey, hubText } from '../i18n/index.ts';
import type { Anomaly, BudgetWarning } from '../quota/index.ts';

export interface AdminNoticesOptions {
  /** Says something in a chat, once under its key; rejects when the platform does not take it. */
  post(channel: string, chat: string, text: string, key: string): Promise<void>;
  /** Whether nobody has claimed this key yet, in any process; forgotten after `ttlMs`. */
  claim(key: string, ttlMs: number): Promise<boolean>;
  logger: Logger;
}

/**
 * Tells a tenant's administrators what they should know, in their admin chat and in the log. Never rejects and is not
 * waited for: no answer depends on it.
 */
export interface AdminNotices {
  budget(tenant: TenantConfig, warning: BudgetWarning): Promise<void>;
  anomaly(tenant: TenantConfig, anomaly: Anomaly): Promise<void>;
  /** A model's key is in use for `days`. */
  keyAge(tenant: TenantConfig, key: { model: string; fingerprint: string; days: number }): Promise<void>;
}

const DAY_MS = 86_400_000;
const KEY_REMINDER_MS = 7 * DAY_MS;
const ANOMALY_ONCE_MS = 3_600_000;

export function createAdminNotices({ post, claim, logger }: AdminNoticesOptions): AdminNotices {
  async function tell(
    tenant: TenantConfig,
    key: string,
    text: HubTextKey,
    values: Record<string, string>,
  ): Promise<void> {
    logger.warn({ tenant: tenant.id, notice: text, ...values }, 'notice for administrators');
    const { admin_chat: place } = tenant;
    if (!place) return;
    // Who reads an admin chat is not known: both languages, one below the other.
    const both = [hubText(text, 'en', values), hubText(text, 'zh', values)].join('\n\n');
    await post(place.channel, place.chat, both, key).catch((error: Error) => {
      logger.error({ tenant: tenant.id, notice: text, err: error }, 'a notice did not reach the admin chat');
    });
  }

  /** Without Redis rather twice than never. */
  const isFirst = (key: string, ttlMs: number) => claim(key, ttlMs).catch(() => true);

  return {
    budget: (tenant, { user, share, usedMicroUsd, limitMicroUsd, period }) =>
      tell(tenant, `budget-${user ?? 'tenant'}-${period}-${Math.round(share * 1000)}`, textOf(user, share), {
        user: user ?? '',
        percent: String(Math.round(share * 100)),
        used: dollars(usedMicroUsd),
        limit: dollars(limitMicroUsd),
        period,
      }),

    async anomaly(tenant, { kind, name, tokensThisHour, usualTokens }) {
      const key = `anomaly-${tenant.id}-${kind}-${name}`;
      if (!(await isFirst(key, ANOMALY_ONCE_MS))) return;
      await tell(tenant, `${key}-${Math.floor(Date.now() / ANOMALY_ONCE_MS)}`, 'admin_anomaly', {
        who: name,
        tokens: String(Math.round(tokensThisHour)),
        usual: String(Math.round(usualTokens)),
      });
    },

    async keyAge(tenant, { model, fingerprint, days }) {
      const key = `key-age-${tenant.id}-${model}-${fingerprint}`;
      if (!(await isFirst(key, KEY_REMINDER_MS))) return;
      await tell(tenant, `${key}-${days}`, 'admin_key_age', { model, key: fingerprint, days: String(days) });
    },
  };
}

function textOf(user: string | undefined, share: number): HubTextKey {
  if (user !== undefined) return share >= 1 ? 'admin_user_budget_used' : 'admin_user_budget';
  return share >= 1 ? 'admin_budget_used' : 'admin_budget';
}

/** Cents where there are any to speak of. */
const dollars = (microUsd: number) => `$${(microUsd / 1_000_000).toFixed(microUsd >= 100_000 ? 2 : 4)}`;

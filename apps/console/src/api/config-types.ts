import type { AnswerOf, BodyOf } from './contract.ts';

/** Shapes of the configuration (docs/configuration.md), as the hub's OpenAPI document has them. Secrets are `kept:…` once set. */

export type TenantConfig = AnswerOf<'GET', '/tenants/{tenant}'>['config'];
export type LimitWindows = NonNullable<TenantConfig['limits']>;
export type ModelConfig = AnswerOf<'GET', '/models/{model}'>['config'];
export type Provider = ModelConfig['provider'];
export type RuleConfig = AnswerOf<'GET', '/tenants/{tenant}/rules'>['items'][number]['rule'];
export type GuardConfig = NonNullable<AnswerOf<'GET', '/tenants/{tenant}/guard'>['guard']>;
export type ApiSettings = AnswerOf<'GET', '/settings'>['api'];
type AnyChannel = AnswerOf<'GET', '/channels/{channel}'>['config'];
export type Platform = AnyChannel['platform'];
/** Credentials and transports as one form of fields, whichever the platform. */
export type ChannelConfig = Omit<AnyChannel, 'transport' | 'credentials'> & {
  transport?: NonNullable<AnyChannel['transport']>;
  credentials: Record<string, string | undefined>;
};

export const PLATFORMS = allOf<Platform>({ feishu: true, telegram: true, slack: true });
export const MASKS = allOf<NonNullable<GuardConfig['mask']>[number]>({
  credit_card: true,
  cn_id_card: true,
  cn_mobile: true,
  us_ssn: true,
  email: true,
  iban: true,
  secret: true,
});
export type ApiScope = NonNullable<BodyOf<'POST', '/api-keys'>['scopes']>[number];
export const API_SCOPES = allOf<ApiScope>({ chat: true, models: true, quota: true, tokens: true });

/** The names of a type as a list; the type checker refuses one too few and one too many. */
function allOf<T extends string>(names: Record<T, true>): readonly T[] {
  return Object.keys(names) as T[];
}

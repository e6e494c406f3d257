import type { ChannelConfig } from './config-types.ts';
import type { AnswerOf } from './contract.ts';

export * from './config-types.ts';

/** Names for the answers of the admin API, whose shapes come from the hub's OpenAPI document (openapi.ts). */
type Get<P extends string> = AnswerOf<'GET', P>;
type Posted<P extends string> = AnswerOf<'POST', P>;
type ItemOf<P extends string> = AnswerOf<'GET', P> extends { items: (infer Item)[] } ? Item : never;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
/** A list that is never long. */
export interface Items<T> {
  items: T[];
}

export type Me = Get<'/me'>;
export type Session = ItemOf<'/me/sessions'>;
export type Token = ItemOf<'/me/tokens'>;
export type User = Get<'/users/{id}'>;
export type RoleGrant = User['roles'][number];
export type Policy = Get<'/policies/{id}'>;
export type Explanation = Get<'/access/explain'>;

export type TenantEntry = Get<'/tenants/{tenant}'>;
export type Origin = TenantEntry['origin'];
/** Credentials as one form of fields, whichever the platform. */
export type ChannelEntry = Omit<Get<'/channels/{channel}'>, 'config'> & { config: ChannelConfig };
export type ChannelStatus = ChannelEntry['status'];
export type ModelEntry = Get<'/models/{model}'>;
export type ModelStatus = ModelEntry['status'];
export type CheckResult = Posted<'/channels/check'>;
export type ChannelSetup = Get<'/channels/setup/{platform}'>;
export type ModelCheck = Posted<'/models/check'>;
export type ModelTest = Posted<'/models/{model}/test'>;
export type RuleRow = ItemOf<'/tenants/{tenant}/rules'>;
export type GuardEntry = Get<'/tenants/{tenant}/guard'>;
export type SettingsEntry = Get<'/settings'>;
export type RuleTest = Posted<'/rules/test'>;
export type GuardTest = Posted<'/guard/test'>;
export type TriggerTest = Posted<'/triggers/test'>;
export type ConfigVersion = ItemOf<'/config/versions'>;
export type ConfigState = Get<'/config'>;
export type ConfigDiff = Get<'/config/versions/{version}/diff'>;

export type Overview = Get<'/overview'>;
export type Totals = Overview['totals'];
export type Attention = Overview['attention'][number];
export type TurnRow = ItemOf<'/turns'>;
export type Turn = Get<'/turns/{id}'>;
export type TimelineEntry = Turn['timeline'][number];
export type ConversationRow = ItemOf<'/conversations'>;
export type Conversation = Get<'/conversations/{tenant}/{conversation}'>;
/** The address of a conversation, as pages hand it on. */
export type ConversationPath = `/conversations/${string}/${string}`;
export type TakenOver = NonNullable<Conversation['taken_over']>;
export type ConversationMessage = ItemOf<'/conversations/{tenant}/{conversation}/messages'>;
export type DeadLetter = Get<'/dead-letters/{tenant}/{id}'>;
export type Usage = Get<'/usage'>;
export type UsageRow = Usage['rows'][number];
export type Quota = Get<'/quota'>;
export type ApiKey = ItemOf<'/api-keys'>;
export type AuditRecord = ItemOf<'/audit'>;
export type AuditCheck = Posted<'/audit/verify'>;
export type SystemState = Get<'/system'>;
export type SandboxState = Get<'/sandbox'>;
export type SandboxMessage = ItemOf<'/sandbox/{platform}/chats/{chat}/messages'>;

/** The last event of the playground's stream. */
export interface PlaygroundDone {
  turn: string;
  model: string;
  usage: { tokens_in?: number; tokens_out?: number } | null;
  cost_usd: number | null;
  attempts: number;
  timeline: TimelineEntry[];
}

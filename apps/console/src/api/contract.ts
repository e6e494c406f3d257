import type { Api } from './openapi.ts';
import type * as Ours from './types.ts';

/**
 * The shapes the pages are written against, compared with the hub's OpenAPI document: an endpoint that answers something
 * else is an error of the type checker. `npm run generate` refreshes openapi.ts.
 */
type Answer<K extends keyof Api> = Api[K]['answer'];
type Fits<K extends keyof Api, T> = Answer<K> extends T ? true : [K, 'answers', Answer<K>, 'expected', T];

export type Contract = [
  Expect<Fits<'GET /auth/methods', Ours.AuthMethods>>,
  Expect<Fits<'GET /me', Ours.Me>>,
  Expect<Fits<'GET /me/sessions', Ours.Items<Ours.Session>>>,
  Expect<Fits<'GET /me/tokens', Ours.Items<Ours.Token>>>,
  Expect<Fits<'GET /users', Ours.Page<Ours.User>>>,
  Expect<Fits<'GET /users/{id}', Ours.User>>,
  Expect<Fits<'GET /policies', Ours.Page<Ours.Policy>>>,
  Expect<Fits<'GET /access/explain', Ours.Explanation>>,
  Expect<Fits<'GET /tenants', Ours.Page<Ours.TenantEntry>>>,
  Expect<Fits<'GET /channels', Ours.Page<Ours.ChannelEntry>>>,
  Expect<Fits<'GET /channels/{channel}', Ours.ChannelEntry>>,
  Expect<Fits<'POST /channels/check', Ours.CheckResult>>,
  Expect<Fits<'GET /channels/setup/{platform}', Ours.ChannelSetup>>,
  Expect<Fits<'POST /triggers/test', Ours.TriggerTest>>,
  Expect<Fits<'GET /models', Ours.Page<Ours.ModelEntry>>>,
  Expect<Fits<'GET /models/{model}', Ours.ModelEntry>>,
  Expect<Fits<'POST /models/check', Ours.ModelCheck>>,
  Expect<Fits<'POST /models/{model}/test', Ours.ModelTest>>,
  Expect<Fits<'GET /tenants/{tenant}/rules', Ours.Items<Ours.RuleRow>>>,
  Expect<Fits<'GET /tenants/{tenant}/guard', Ours.GuardEntry>>,
  Expect<Fits<'POST /rules/test', Ours.RuleTest>>,
  Expect<Fits<'POST /guard/test', Ours.GuardTest>>,
  Expect<Fits<'GET /settings', Ours.SettingsEntry>>,
  Expect<Fits<'GET /config', Ours.ConfigState>>,
  Expect<Fits<'GET /config/versions', Ours.Page<Ours.ConfigVersion>>>,
  Expect<Fits<'GET /config/versions/{version}/diff', Ours.ConfigDiff>>,
  Expect<Fits<'GET /overview', Ours.Overview>>,
  Expect<Fits<'GET /turns', Ours.Page<Ours.TurnRow>>>,
  Expect<Fits<'GET /turns/errors', Ours.TurnErrors>>,
  Expect<Fits<'GET /turns/{id}', Ours.Turn>>,
  Expect<Fits<'GET /conversations', Ours.Page<Ours.ConversationRow>>>,
  Expect<Fits<'GET /conversations/{tenant}/{conversation}', Ours.Conversation>>,
  Expect<Fits<'GET /conversations/{tenant}/{conversation}/messages', Ours.Page<Ours.ConversationMessage>>>,
  Expect<Fits<'GET /dead-letters', Ours.Page<Ours.DeadLetter>>>,
  Expect<Fits<'GET /dead-letters/{tenant}/{id}', Ours.DeadLetter>>,
  Expect<Fits<'GET /usage', Ours.Usage>>,
  Expect<Fits<'GET /quota', Ours.Quota>>,
  Expect<Fits<'GET /api-keys', Ours.Page<Ours.ApiKey>>>,
  Expect<Fits<'GET /audit', Ours.Page<Ours.AuditRecord>>>,
  Expect<Fits<'POST /audit/verify', Ours.AuditCheck>>,
  Expect<Fits<'GET /system', Ours.SystemState>>,
  Expect<Fits<'GET /sandbox', Ours.SandboxState>>,
  Expect<Fits<'GET /sandbox/{platform}/chats/{chat}/messages', { items: Ours.SandboxMessage[]; typing: boolean }>>,
];

type Expect<T extends true> = T;

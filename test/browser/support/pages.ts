import type { PopulatedHub } from './populated.ts';

/** Every page of the console that has an address of its own. */
export const PAGES = {
  overview: '/',
  setup: '/setup',
  conversations: '/conversations',
  turns: '/turns',
  'dead-letters': '/dead-letters',
  usage: '/usage',
  sandbox: '/sandbox',
  playground: '/playground',
  channels: '/channels',
  models: '/models',
  'model-new': '/models/new',
  tenants: '/tenants',
  'tenant-new': '/tenants/new',
  'api-keys': '/api-keys',
  quota: '/quota',
  rules: '/rules',
  guard: '/rules?tab=guard',
  users: '/users',
  roles: '/users?tab=roles',
  policies: '/users?tab=policies',
  explain: '/users?tab=explain',
  audit: '/audit',
  versions: '/settings',
  'chat-api': '/settings?tab=api',
  system: '/settings?tab=system',
  profile: '/profile',
  missing: '/no-such-page',
} as const;

/** Pages of one thing each, in the hub that has them. */
export const DETAILS: Record<string, (hub: PopulatedHub) => string> = {
  conversation: ({ conversation }) => `/conversations/acme/${encodeURIComponent(conversation)}`,
  turn: ({ turn }) => `/turns/${turn}`,
  channel: () => '/channels/slack',
  'channel-settings': () => '/channels/slack?tab=settings',
  'channel-test': () => '/channels/slack?tab=test',
  'channel-setup': () => '/channels/feishu?tab=setup',
  model: () => '/models/gpt-4o',
  'model-settings': () => '/models/gpt-4o?tab=settings',
  tenant: () => '/tenants/acme',
};

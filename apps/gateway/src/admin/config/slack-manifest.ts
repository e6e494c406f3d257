const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'groups:history',
  'im:history',
  'mpim:history',
  'chat:write',
  'commands',
  'files:read',
];
const BOT_EVENTS = ['app_mention', 'message.channels', 'message.groups', 'message.im', 'message.mpim'];

/**
 * The manifest of a Slack app for one channel, as `docs/connect/slack-app-manifest*.yaml` has it (a test compares them).
 *
 * @param url the channel's webhook; absent: Socket Mode
 */
export function slackManifest(url: string | undefined): Record<string, unknown> {
  const where = url === undefined ? {} : { url };
  const request = url === undefined ? {} : { request_url: url };
  return {
    display_information: { name: 'Parley', description: "Asks your company's AI models" },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Parley', always_online: true },
      slash_commands: [
        {
          command: '/ai',
          ...where,
          description: 'Ask the assistant',
          usage_hint: '[question | help | reset | stop | model]',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: BOT_SCOPES } },
    settings: {
      event_subscriptions: { ...request, bot_events: BOT_EVENTS },
      interactivity: { is_enabled: true, ...request },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}

import type { SlackMessage } from './types.ts';
import type { Workspace } from './workspace.ts';

/** A message by the bot, as the API returns it and as it comes back in an event. */
export function composeBotPost(
  workspace: Workspace,
  content: Pick<SlackMessage, 'text' | 'blocks' | 'metadata' | 'thread_ts' | 'parent_user_id'>,
): SlackMessage {
  const { bot, teamId, appId } = workspace;
  return {
    type: 'message',
    user: bot.id,
    bot_id: bot.botId,
    app_id: appId,
    team: teamId,
    bot_profile: { id: bot.botId, app_id: appId, user_id: bot.id, name: bot.name, deleted: false, team_id: teamId },
    ts: workspace.nextTs(),
    ...content,
  };
}

import { type Arguments, channelArgument, flagArgument, messageArgument, textArgument } from '../arguments.ts';
import { SlackError } from '../error.ts';
import type { MethodContext, SlackMethod } from './method.ts';

/** Methods about the app, people, reactions and status lines. */
export const workspaceMethods: Record<string, SlackMethod> = {
  'auth.test': { perMinute: Number.POSITIVE_INFINITY, run: authTest },
  'apps.connections.open': { token: 'app', perMinute: 20, run: (_, context) => ({ url: context.openSocketUrl() }) },
  'users.info': { perMinute: 100, run: usersInfo },
  'reactions.add': { perMinute: 50, run: addReaction },
  'reactions.remove': { perMinute: 20, run: removeReaction },
  'assistant.threads.setStatus': { perMinute: 600, run: setStatus },
};

const MAX_STATUSES = 10_000;

function authTest(_: Arguments, { workspace }: MethodContext): Record<string, unknown> {
  const { bot, teamId, teamDomain } = workspace;
  return {
    url: `https://${teamDomain}.slack.com/`,
    team: 'Simulator',
    user: bot.name,
    team_id: teamId,
    user_id: bot.id,
    bot_id: bot.botId,
    is_enterprise_install: false,
  };
}

function usersInfo(args: Arguments, { workspace }: MethodContext): Record<string, unknown> {
  const person = workspace.findPerson(textArgument(args, 'user') ?? '');
  if (person === undefined) throw new SlackError('user_not_found');
  const { id, name, locale, isBot } = person;
  const profile = { real_name: name, display_name: name, real_name_normalized: name, team: workspace.teamId };
  return {
    user: {
      id,
      team_id: workspace.teamId,
      name,
      real_name: name,
      deleted: false,
      tz: 'Etc/UTC',
      tz_offset: 0,
      profile,
      is_bot: isBot,
      is_app_user: false,
      updated: 0,
      ...(flagArgument(args, 'include_locale') && { locale }),
    },
  };
}

function addReaction(args: Arguments, { workspace, timeline }: MethodContext): Record<string, unknown> {
  const { conversation, message, name } = reactionArguments(args, workspace);
  const others = message.reactions ?? [];
  if (others.some((reaction) => reaction.name === name)) throw new SlackError('already_reacted');
  const reactions = [...others, { name, users: [workspace.bot.id], count: 1 }];
  timeline.annotate(conversation, message, { reactions });
  return {};
}

function removeReaction(args: Arguments, { workspace, timeline }: MethodContext): Record<string, unknown> {
  const { conversation, message, name } = reactionArguments(args, workspace);
  const reactions = (message.reactions ?? []).filter((reaction) => reaction.name !== name);
  if (reactions.length === (message.reactions ?? []).length) throw new SlackError('no_reaction');
  timeline.annotate(conversation, message, { reactions });
  return {};
}

function reactionArguments(args: Arguments, workspace: MethodContext['workspace']) {
  const conversation = channelArgument(args, workspace);
  const name = textArgument(args, 'name')?.replaceAll(':', '');
  if (name === undefined || !/^[a-z0-9_+'-]+$/.test(name)) throw new SlackError('invalid_name');
  if (textArgument(args, 'timestamp') === undefined) throw new SlackError('no_item_specified');
  return { conversation, name, message: messageArgument(args, conversation, 'timestamp') };
}

/** The line disappears with the bot's next post in the thread, or when the status is empty. */
function setStatus(args: Arguments, { workspace, statuses }: MethodContext): Record<string, unknown> {
  const conversation = channelArgument(args, workspace, 'channel_id');
  const threadTs = textArgument(args, 'thread_ts');
  if (threadTs === undefined) throw new SlackError('invalid_arguments', ['missing required field: thread_ts']);
  if (args.status === undefined) throw new SlackError('invalid_arguments', ['missing required field: status']);
  const key = `${conversation.id}:${threadTs}`;
  statuses.delete(key);
  const status = textArgument(args, 'status');
  if (status !== undefined) statuses.set(key, status);
  if (statuses.size > MAX_STATUSES) statuses.delete(statuses.keys().next().value as string);
  return {};
}

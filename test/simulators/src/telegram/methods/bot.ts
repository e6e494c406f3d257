import { type Arguments, objectArgument, textArgument } from '../arguments.ts';
import { badRequest } from '../error.ts';
import type { MethodAnswer, MethodContext, TelegramMethod } from './method.ts';

const MAX_COMMANDS = 100;
const MAX_COMMAND_LISTS = 1000;
/** "For the moment, bots can download files of up to 20MB in size." */
const MAX_DOWNLOAD = 20 * 1024 * 1024;

/** Makes the methods about the bot itself, its commands, chats and files. */
export function createBotMethods(): Record<string, TelegramMethod> {
  /** Command lists by scope and language. */
  const commands = new Map<string, unknown[]>();

  return {
    getMe: (_, { world }) => ({
      result: {
        ...world.bot,
        can_join_groups: true,
        can_read_all_group_messages: true,
        supports_inline_queries: false,
        can_connect_to_business: false,
        has_main_web_app: false,
        has_topics_enabled: true,
      },
    }),

    setMyCommands(args) {
      const list = objectArgument(args, 'commands');
      if (!Array.isArray(list)) throw badRequest("can't parse commands: expected an Array of BotCommand");
      if (list.length > MAX_COMMANDS) throw badRequest('BOT_COMMANDS_TOO_MUCH');
      for (const command of list) checkCommand(command);
      commands.set(listKey(args), list);
      if (commands.size > MAX_COMMAND_LISTS) commands.delete(commands.keys().next().value as string);
      return { result: true };
    },

    getMyCommands: (args) => ({ result: commands.get(listKey(args)) ?? [] }),

    deleteMyCommands(args) {
      commands.delete(listKey(args));
      return { result: true };
    },

    getChat: (args, { world }) => ({
      result: {
        ...world.resolve(args.chat_id).chat,
        accent_color_id: 0,
        max_reaction_count: 11,
        permissions: { can_send_messages: true },
      },
    }),

    getFile,
  };
}

function getFile(args: Arguments, { files }: MethodContext): MethodAnswer {
  const fileId = textArgument(args, 'file_id') ?? '';
  const file = files.get(fileId);
  if (file === undefined) throw badRequest('wrong file_id or the file is temporarily unavailable');
  if (file.content.length > MAX_DOWNLOAD) throw badRequest('file is too big');
  const { uniqueId, path, content } = file;
  return { result: { file_id: fileId, file_unique_id: uniqueId, file_size: content.length, file_path: path } };
}

function checkCommand(value: unknown): void {
  if (value === null || typeof value !== 'object') throw badRequest("can't parse BotCommand: expected an Object");
  const command = 'command' in value ? String(value.command).replace(/^\//, '') : '';
  const description = 'description' in value ? String(value.description) : '';
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
  if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
}

function listKey(args: Arguments): string {
  const scope = objectArgument(args, 'scope') ?? { type: 'default' };
  return `${textArgument(args, 'language_code') ?? ''} ${JSON.stringify(scope)}`;
}

import type { InboundEvent } from '@parley/core/adapter';
import { detectLanguage } from '@parley/core/i18n';
import { readCommand } from './command.ts';
import { chatOf } from './event.ts';
import type { ParseContext } from './parse.ts';
import { check, slashCommand } from './schema.ts';
import { readText } from './text.ts';

/**
 * A slash command (form fields over HTTP, the same fields as an object over Socket Mode) as a message with a command.
 *
 * There is no post to answer under, so the trigger's id stands in for the message's. The response URL travels in the
 * message's state: it is the only way to answer in a chat that the bot is not in. It is good for five answers within
 * thirty minutes, and whoever has it can post with it, so it never goes into a log. `askedAt` (Unix milliseconds) bounds
 * the search for an answer that may have been sent.
 *
 * @throws ParleyError `invalid_request`
 * @see https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function parseSlashCommand(fields: unknown, context: ParseContext): InboundEvent {
  const given = check(slashCommand, fields);
  // With "escape channels, users and links" on, the text has the same control sequences as a message; without, none.
  const read = readText(given.text ?? '', undefined);
  const command = readCommand(given.command, read.text);
  const language = detectLanguage(command.args);
  const responseUrl = given.response_url;
  const reachable = responseUrl !== undefined && context.isSlackUrl(responseUrl);
  const askedAt = context.now();
  return {
    kind: 'message',
    message: {
      id: given.trigger_id,
      chat: chatOf({
        channel: given.channel_id,
        channel_type: given.channel_name === 'directmessage' ? 'im' : undefined,
      }),
      sender: { id: given.user_id, name: given.user_name || undefined },
      text: command.args,
      command,
      mentions: read.mentions,
      contextRefs: [],
      attachments: [],
      language,
      sentAt: askedAt,
      state: { team: given.team_id, language, askedAt, ...(reachable && { responseUrl }) },
    },
    dedupeKeys: [given.trigger_id],
  };
}

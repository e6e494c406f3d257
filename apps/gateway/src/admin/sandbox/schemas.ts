import { PLATFORMS } from '@parley/core/message';
import { z } from 'zod';

const id = z.string().min(1).max(200);
const platform = z.enum(PLATFORMS);

export const sandboxChatSchema = z.object({
  id,
  name: z.string(),
  kind: z.enum(['direct', 'group']),
  people: z.array(z.string()).describe('Ids of who is in it beside the bot'),
});

/** What one simulated platform has to offer. */
export const sandboxChannelSchema = z.object({
  platform,
  channel: z.string().describe('Id of the channel in the running configuration'),
  chats: z.array(sandboxChatSchema),
  people: z.array(z.object({ id, name: z.string() })),
});

export const sandboxStatusSchema = z.object({
  state: z.enum(['off', 'starting', 'on']),
  tenant: z.string().nullable().describe('Whose models and rules answer in the sandbox'),
  channels: z.array(sandboxChannelSchema),
  error: z.string().nullable().describe('What went wrong last; null since it is on'),
});

export const sandboxMessageSchema = z.object({
  id,
  from: z.enum(['person', 'bot']),
  name: z.string(),
  text: z.string(),
  thread: z.string().optional(),
  reply_to: z.string().optional().describe('The message it quotes'),
  at: z.string(),
  edited: z.boolean(),
});

export const sandboxViewSchema = z.object({
  items: z.array(sandboxMessageSchema).describe('The latest messages, oldest first'),
  typing: z.boolean().describe('The bot shows that it is at work'),
});

export const sandboxChatParams = z.object({ platform, chat: id });

/** No platform takes much more in one message. */
const MAX_TEXT_LENGTH = 4000;

export const sandboxSaySchema = z.strictObject({
  person: id,
  text: z.string().trim().min(1, 'expected some text').max(MAX_TEXT_LENGTH),
  mention: z.boolean().optional().describe('Names the bot; in groups it listens to nothing else'),
  thread: id.optional().describe('A message’s `thread`, or the id of a message to answer under'),
});

export type SandboxStatus = z.output<typeof sandboxStatusSchema>;
export type SandboxView = z.output<typeof sandboxViewSchema>;
export type SandboxSay = z.output<typeof sandboxSaySchema>;
export type SandboxPlatform = z.output<typeof platform>;

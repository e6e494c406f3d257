import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';

/**
 * The parts of Telegram's `Update` (https://core.telegram.org/bots/api#update) that the hub reads. Everything else may
 * be there and is ignored, so that a newer Bot API does not break us.
 */
const id = z.number().int();

const userSchema = z.object({
  id,
  is_bot: z.boolean().default(false),
  first_name: z.string().default(''),
  last_name: z.string().optional(),
  username: z.string().optional(),
  language_code: z.string().optional(),
});

const chatSchema = z.object({ id, type: z.string(), title: z.string().optional() });

const entitySchema = z.object({
  type: z.string(),
  /** UTF-16 code units, which is how JavaScript counts too. */
  offset: z.number().int().min(0),
  length: z.number().int().min(0),
  user: userSchema.optional(),
});

const fileSchema = z.object({
  file_id: z.string(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
});

const photoSchema = fileSchema.extend({ width: z.number(), height: z.number() });

/** Loose, because service messages are told by the mere presence of a field. */
const messageSchema = z.looseObject({
  message_id: id,
  message_thread_id: id.optional(),
  is_topic_message: z.boolean().optional(),
  is_automatic_forward: z.boolean().optional(),
  from: userSchema.optional(),
  sender_chat: chatSchema.optional(),
  author_signature: z.string().optional(),
  date: z.number().int(),
  chat: chatSchema,
  text: z.string().optional(),
  entities: z.array(entitySchema).optional(),
  caption: z.string().optional(),
  caption_entities: z.array(entitySchema).optional(),
  reply_to_message: z
    .object({ message_id: id, from: userSchema.optional(), forum_topic_created: z.unknown().optional() })
    .optional(),
  photo: z.array(photoSchema).optional(),
  document: fileSchema.optional(),
  voice: fileSchema.optional(),
  audio: fileSchema.optional(),
  video: fileSchema.optional(),
  video_note: fileSchema.optional(),
  animation: fileSchema.optional(),
  sticker: fileSchema.optional(),
});

const updateSchema = z.looseObject({
  update_id: id,
  message: messageSchema.optional(),
  edited_message: messageSchema.optional(),
});

export type Update = z.output<typeof updateSchema>;
export type TelegramMessage = z.output<typeof messageSchema>;
export type TelegramEntity = z.output<typeof entitySchema>;
export type TelegramFile = z.output<typeof fileSchema>;
export type TelegramUser = z.output<typeof userSchema>;

/**
 * What we ask Telegram for; everything else it keeps to itself. Membership changes are never answered, but they are
 * counted. Of deletions it tells bots nothing.
 */
export const ALLOWED_UPDATES = ['message', 'edited_message', 'my_chat_member'] as const;

/** Checks the shape of one update; throws `invalid_request` naming the fields, never their values. */
export function readUpdate(raw: unknown): Update {
  const result = updateSchema.safeParse(raw);
  if (result.success) return result.data;
  const fields = result.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'body');
  throw new ParleyError('invalid_request', `not a Telegram update: ${fields.join(', ')}`);
}

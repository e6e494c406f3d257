import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';

/** The parts of Slack's payloads that the adapter reads. Slack adds fields at any time, so unknown ones are let through. */

const id = z.string().min(1).max(255);
/** Slack's message id: Unix seconds with six decimals, unique within a channel. */
const timestamp = z.string().regex(/^\d{1,12}\.\d{1,6}$/);

export const eventCallback = z.object({
  /** Absent in events of a whole organisation. */
  team_id: id.nullish(),
  api_app_id: id.optional(),
  event_id: id,
  authorizations: z
    .array(z.object({ user_id: id.nullish(), is_bot: z.boolean().nullish() }))
    .max(100)
    .nullish(),
  event: z.looseObject({
    type: z.string(),
    subtype: z.string().nullish(),
    user: z.unknown().optional(),
    bot_id: z.string().nullish(),
    app_id: z.string().nullish(),
    bot_profile: z.object({ app_id: z.string().nullish() }).nullish(),
    edited: z.unknown().optional(),
  }),
});
export type EventCallback = z.output<typeof eventCallback>;

const file = z.object({
  id,
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
  subtype: z.string().nullish(),
  size: z.number().nonnegative().nullish(),
  mode: z.string().nullish(),
});
export type SlackFile = z.output<typeof file>;

/** A post of a person: the inner event of `message` and `app_mention`. */
export const post = z.object({
  type: z.string(),
  user: id,
  text: z.string().nullish(),
  ts: timestamp,
  thread_ts: timestamp.nullish(),
  parent_user_id: id.nullish(),
  channel: id,
  channel_type: z.string().nullish(),
  team: id.nullish(),
  user_team: id.nullish(),
  files: z.array(file).max(100).nullish(),
});
export type Post = z.output<typeof post>;

export const slashCommand = z.object({
  command: z.string().regex(/^\/\S{1,100}$/),
  text: z.string().optional(),
  team_id: id,
  channel_id: id,
  channel_name: z.string().optional(),
  user_id: id,
  user_name: z.string().optional(),
  response_url: z.string().max(2000).optional(),
  trigger_id: id,
});

export const interaction = z.object({ type: z.string().min(1) });

/** @throws ParleyError `invalid_request` that names the fields, not their values */
export function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.slice(0, 5).map((issue) => issue.path.join('.') || 'body');
  throw new ParleyError('invalid_request', `Slack payload not understood: ${fields.join(', ')}`);
}

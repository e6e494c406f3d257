import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';

/** Feishu writes `null` and `""` for fields that have no value; both mean "absent" here. */
const absent = z
  .string()
  .nullish()
  .transform((value) => value || undefined);

const userId = z.object({ open_id: absent, user_id: absent, union_id: absent });

const mention = z.object({
  /** `@_user_1`, …: the placeholder in the text. `@_all` for everybody. */
  key: z.string(),
  id: userId.nullish(),
  name: absent,
  /** `user` or `bot`; older payloads lack it. */
  mentioned_type: absent,
});
export type FeishuMention = z.output<typeof mention>;

const receivedEvent = z.object({
  sender: z.object({ sender_id: userId.nullish(), sender_type: z.string() }),
  message: z.object({
    message_id: z.string().min(1),
    root_id: absent,
    parent_id: absent,
    thread_id: absent,
    create_time: absent,
    chat_id: z.string().min(1),
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    mentions: z
      .array(mention)
      .nullish()
      .transform((value) => value ?? []),
  }),
});
/** `event` of `im.message.receive_v1`. https://open.feishu.cn/document/server-docs/im-v1/message/events/receive */
export type ReceivedEvent = z.output<typeof receivedEvent>;

const recalledEvent = z.object({ message_id: z.string().min(1), chat_id: z.string().min(1), recall_type: absent });
/** `event` of `im.message.recalled_v1`. https://open.feishu.cn/document/server-docs/im-v1/message/events/recalled */
export type RecalledEvent = z.output<typeof recalledEvent>;

const legacyMessage = z.object({
  open_id: z.string().min(1),
  open_chat_id: z.string().min(1),
  open_message_id: z.string().min(1),
  chat_type: z.string(),
  msg_type: z.string(),
  root_id: absent,
  parent_id: absent,
  is_mention: z.boolean().nullish(),
  text: absent,
  text_without_at_bot: absent,
  title: absent,
  image_key: absent,
  image_keys: z.array(z.string()).nullish(),
  file_key: absent,
});
/** `event` of the older schema's `message`. */
export type LegacyMessage = z.output<typeof legacyMessage>;

const v2 = z.object({
  schema: z.string(),
  header: z.object({ event_id: z.string().min(1), event_type: z.string(), create_time: absent }),
  event: z.unknown(),
});
const v1 = z.object({
  uuid: z.string().min(1),
  ts: absent,
  event: z.looseObject({ type: z.string() }),
});

/** One event of either schema. `event` is still unchecked. */
export interface Envelope {
  schema: 1 | 2;
  /** Unique per event, the same in every redelivery. */
  eventId: string;
  type: string;
  /** Unix milliseconds; 0 when the platform did not say. */
  createdAt: number;
  event: unknown;
}

/** Throws `invalid_request` when `body` is no event. */
export function readEnvelope(body: Record<string, unknown>): Envelope {
  if ('schema' in body) {
    const { header, event } = check(v2, body);
    const createdAt = Number(header.create_time ?? 0) || 0;
    return { schema: 2, eventId: header.event_id, type: header.event_type, createdAt, event };
  }
  const { uuid, ts, event } = check(v1, body);
  return { schema: 1, eventId: uuid, type: event.type, createdAt: Math.round(Number(ts ?? 0) * 1000) || 0, event };
}

export function readReceived(event: unknown): ReceivedEvent {
  return check(receivedEvent, event);
}

export function readRecalled(event: unknown): RecalledEvent {
  return check(recalledEvent, event);
}

export function readLegacyMessage(event: unknown): LegacyMessage {
  return check(legacyMessage, event);
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Paths only: the values are what somebody wrote in a chat.
  const paths = result.error.issues.map((issue) => issue.path.join('.') || 'the event').slice(0, 5);
  throw new ParleyError('invalid_request', `not an event of Feishu: ${paths.join(', ')}`);
}

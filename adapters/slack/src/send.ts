import type { OutgoingPart, Receipt, ReplyTarget, SendOptions } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import type { SlackClient } from './client.ts';
import { type Content, forEdit, forPost, type Renderings } from './content.ts';
import { slackCode } from './errors.ts';
import { makeMark } from './mark.ts';
import { respond } from './respond.ts';

/** Slack takes the message but not its blocks. `invalid_arguments` covers a workspace that has no markdown block yet. */
const BLOCKS_REFUSED = new Set([
  'block_mismatch',
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'markdown_text_conflict',
  'msg_blocks_too_long',
  'msg_too_long',
]);
/** The bot cannot post there, but a slash command's response URL can. */
const NOT_THERE = new Set(['channel_not_found', 'not_in_channel', 'restricted_action']);

const posted = z.object({ channel: z.string().min(1), ts: z.string().min(1) });

/** `chat.postMessage`, as plain text when Slack refuses the blocks, by response URL where the bot is not a member. */
export async function postMessage(
  client: SlackClient,
  target: ReplyTarget,
  part: OutgoingPart,
  options: SendOptions,
): Promise<Receipt> {
  try {
    return await postInChat(client, target, part, options);
  } catch (error) {
    const responseUrl = target.state?.responseUrl;
    if (typeof responseUrl !== 'string' || !NOT_THERE.has(slackCode(error) ?? '')) throw error;
    await withPlainFallback(forPost(part), (content) => respond(client, responseUrl, content, options.signal));
    // Slack does not tell the id of such a message, so nothing can point back at it and it cannot be edited.
    return { messageId: `response:${options.idempotencyKey}`, refs: [] };
  }
}

/** `chat.postMessage` alone: what is posted can be edited. */
export async function postInChat(
  client: SlackClient,
  target: ReplyTarget,
  part: OutgoingPart,
  options: SendOptions,
): Promise<Receipt> {
  const thread = replyThread(target);
  const place = {
    channel: target.chat.id,
    ...(thread !== undefined && { thread_ts: thread }),
    // An unfurled link makes Slack call an address that the model chose.
    unfurl_links: false,
    unfurl_media: false,
    metadata: makeMark(options.idempotencyKey),
  };
  return withPlainFallback(forPost(part), async (content) => {
    const ts = readTs(
      'chat.postMessage',
      await client.call('chat.postMessage', { ...place, ...content }, options.signal),
    );
    return { messageId: ts, refs: [ts] };
  });
}

/**
 * `chat.update`. Slack accepts an update that changes nothing. Without metadata the message keeps what it had, and so
 * its mark: https://docs.slack.dev/reference/methods/chat.update
 *
 * @param metadata the mark, for a message that was made without one
 */
export async function editMessage(
  client: SlackClient,
  target: ReplyTarget,
  receipt: Pick<Receipt, 'messageId'>,
  part: OutgoingPart,
  { signal }: Pick<SendOptions, 'signal'>,
  metadata?: ReturnType<typeof makeMark>,
): Promise<void> {
  if (receipt.messageId.startsWith('response:')) {
    throw new ParleyError('platform_rejected', 'A message sent by response URL cannot be edited');
  }
  const place = { channel: target.chat.id, ts: receipt.messageId, ...(metadata !== undefined && { metadata }) };
  await withPlainFallback(forEdit(part), (content) => client.call('chat.update', { ...place, ...content }, signal));
}

/**
 * Where the answer stands: in the question's thread; in a channel it opens one under the question; in a direct chat it
 * goes to the main flow. A slash command and a notice have no post to stand under: theirs is no message id of Slack.
 */
export function replyThread(target: ReplyTarget): string | undefined {
  if (target.thread !== undefined) return target.thread;
  return target.chat.kind === 'group' && isPost(target.messageId) ? target.messageId : undefined;
}

/** Whether this is Slack's id of a post, which is its time, and not what stands in for one. */
export function isPost(messageId: string): boolean {
  return /^\d+\.\d{6}$/.test(messageId);
}

/** The id of the message that a call has made. @throws ParleyError with `outcomeUnknown` when Slack does not tell it */
export function readTs(method: string, answer: unknown): string {
  const result = posted.safeParse(answer);
  if (result.success) return result.data.ts;
  throw new ParleyError('platform_unavailable', `Slack took ${method} but did not say where`, { outcomeUnknown: true });
}

/** Sends the blocks, and once more without them if they are what Slack refuses: then nothing was posted. */
async function withPlainFallback<T>({ rich, plain }: Renderings, send: (content: Content) => Promise<T>): Promise<T> {
  try {
    return await send(rich);
  } catch (error) {
    if (!BLOCKS_REFUSED.has(slackCode(error) ?? '')) throw error;
    return send(plain);
  }
}

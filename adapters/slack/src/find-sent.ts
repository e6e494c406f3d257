import type { Receipt, ReplyTarget } from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { z } from 'zod';
import type { SlackClient } from './client.ts';
import { slackCode } from './errors.ts';
import { readMark } from './mark.ts';
import { isPost, replyThread } from './send.ts';

/** Slack advises no more than 200 messages a page. An answer stands close behind its question. */
const PAGE_SIZE = 200;
const MAX_PAGES = 5;
/** How far Slack's clock may be behind ours, where the time of the question is our own. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

const page = z.object({
  messages: z.array(z.object({ ts: z.string().min(1), user: z.string().nullish(), metadata: z.unknown().optional() })),
  has_more: z.boolean().nullish(),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
type Page = z.output<typeof page>;

/**
 * Looks for the message with this key's mark where `postMessage` would have put it, among what was said after the
 * question (`conversations.replies` or `conversations.history`, which need the history scope of that kind of chat).
 *
 * @returns its receipt, or undefined when everything since the question was read and it is not there
 * @throws ParleyError `platform_rejected` when it cannot be told: a scope is missing, the bot is not in the chat (what
 *   went there by response URL cannot be seen), or there is too much to read; other `platform_*` as they come
 */
export async function findSent(
  client: SlackClient,
  target: ReplyTarget,
  idempotencyKey: string,
): Promise<Receipt | undefined> {
  for await (const messages of pagesAfter(client, target)) {
    const found = messages.find(({ metadata }) => readMark(metadata) === idempotencyKey);
    if (found !== undefined) return { messageId: found.ts, refs: [found.ts] };
  }
  return undefined;
}

/**
 * Looks for a stream that may have been started: it bears no mark before it has ended, so it is the only message of
 * the bot after the question that bears none. With two of them nobody can tell, and a wrong guess would overwrite
 * another answer: then none is found.
 *
 * @param isTaken whether this id is known to belong to another answer
 * @returns its id, or undefined when there is none
 * @throws ParleyError as `findSent` does
 */
export async function findStream(
  client: SlackClient,
  target: ReplyTarget,
  idempotencyKey: string,
  botUserId: string,
  isTaken: (ts: string) => boolean,
): Promise<string | undefined> {
  const unmarked: string[] = [];
  for await (const messages of pagesAfter(client, target)) {
    for (const { ts, user, metadata } of messages) {
      const key = readMark(metadata);
      if (key === idempotencyKey) return ts;
      // A thread's first message comes with every page, however old it is.
      const isLater = Number(ts) > Number(target.messageId);
      if (key === undefined && user === botUserId && isLater && !isTaken(ts)) unmarked.push(ts);
    }
  }
  return unmarked.length === 1 ? unmarked[0] : undefined;
}

/** What stands where the answer would stand, page by page. */
async function* pagesAfter(client: SlackClient, target: ReplyTarget): AsyncGenerator<Page['messages'], void> {
  const thread = replyThread(target);
  const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
  const oldest = oldestAnswer(target);
  const place = {
    channel: target.chat.id,
    ...(thread !== undefined && { ts: thread }),
    ...(oldest !== undefined && { oldest }),
    include_all_metadata: true,
    limit: PAGE_SIZE,
  };
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const answer = await readPage(client, method, { ...place, ...(cursor !== undefined && { cursor }) });
    yield answer.messages;
    cursor = answer.response_metadata?.next_cursor || undefined;
    if (cursor === undefined && !answer.has_more) return;
    if (cursor === undefined) break;
  }
  throw new ParleyError('platform_rejected', `Slack has more to read by ${method} than is looked through`);
}

/** Slack's time (exclusive) before which there can be no answer; undefined for a notice, which answers nothing. */
function oldestAnswer({ messageId, state }: ReplyTarget): string | undefined {
  if (isPost(messageId)) return messageId;
  const askedAt = state?.askedAt;
  return typeof askedAt === 'number' ? ((askedAt - CLOCK_TOLERANCE_MS) / 1000).toFixed(6) : undefined;
}

async function readPage(client: SlackClient, method: string, args: Record<string, unknown>): Promise<Page> {
  const answer = await client.call(method, args).catch((thrown: unknown) => {
    const error = toParleyError(thrown);
    const code = slackCode(error) === 'missing_scope' ? 'platform_rejected' : error.code;
    // Reading has no effect, so none whose outcome could be unknown.
    throw new ParleyError(code, error.message, { cause: error, retryAfterMs: error.retryAfterMs });
  });
  const read = page.safeParse(answer);
  if (!read.success) throw new ParleyError('platform_unavailable', `Slack's answer to ${method} is not understood`);
  return read.data;
}

import type { ReplyTarget } from '@parley/core/adapter';
import { type ParleyError, toParleyError } from '@parley/core/errors';
import type { SlackClient } from './client.ts';
import { slackCode } from './errors.ts';
import { isPost, readTs, replyThread } from './send.ts';

/**
 * Slack's own text streaming: chat.startStream, chat.appendStream, chat.stopStream. Called directly and not by
 * WebClient's `chatStream`, which buffers, starts again when asked to stop what it has not started, and keeps to itself
 * what Slack has taken: after a failure nobody could tell what the message shows.
 *
 * @see https://docs.slack.dev/reference/methods/chat.startStream
 */
export interface NativeStreams {
  /** Whether an answer there can be streamed, as far as is known. */
  isPossible(target: ReplyTarget): boolean;
  /** Makes the message with its first text. Resolves with its id; `refused` when Slack will not stream there. */
  start(target: ReplyTarget, markdown: string, signal?: AbortSignal): Promise<string | 'refused'>;
  /** Resolves with false when the stream has ended: by Slack's limit (some five minutes), or by a person. */
  append(target: ReplyTarget, ts: string, markdown: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Ends the stream. Resolves with false when it had ended before.
   *
   * @param last what is shown below the text so far, and the mark. `blocks` would be shown below it too, so they cannot
   *   replace the text
   */
  stop(
    target: ReplyTarget,
    ts: string,
    last: { markdown?: string; metadata: unknown },
    signal?: AbortSignal,
  ): Promise<boolean>;
}

/** After a refusal that is not about this one answer, streaming is left out for this long in that kind of chat. */
const REFUSED_PAUSE_MS = 10 * 60 * 1000;
/** `stopped_by_user`: a person pressed Slack's own stop button. */
const ENDED = new Set(['message_not_in_streaming_state', 'stopped_by_user']);
/** Refusals from which nothing follows for the next answer. */
const ABOUT_THIS_ANSWER = new Set([
  'cannot_reply_to_message',
  'channel_not_found',
  'invalid_recipient',
  'invalid_recipient_team_id',
  'invalid_recipient_user_id',
  'invalid_thread_ts',
  'is_archived',
  'missing_recipient_team_id',
  'missing_recipient_user_id',
  'msg_too_long',
  'not_in_channel',
  'restricted_action',
  'thread_not_found',
  'user_not_found',
  'user_not_visible',
]);

export function makeNativeStreams(client: SlackClient, now: () => number): NativeStreams {
  const pausedUntil = { direct: 0, group: 0 };

  /** False when the stream has ended. */
  async function whileOpen(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (error) {
      if (ENDED.has(slackCode(error) ?? '')) return false;
      throw error;
    }
  }

  return {
    isPossible(target) {
      // Without the question's own time a stream whose start is in doubt could not be found again.
      if (replyThread(target) === undefined || !isPost(target.messageId)) return false;
      return now() >= pausedUntil[target.chat.kind] && recipient(target) !== undefined;
    },

    async start(target, markdown, signal) {
      const place = { channel: target.chat.id, thread_ts: replyThread(target), ...recipient(target) };
      try {
        return readTs(
          'chat.startStream',
          await client.call('chat.startStream', { ...place, markdown_text: markdown }, signal),
        );
      } catch (thrown) {
        const error = toParleyError(thrown);
        if (!isRefusal(error)) throw error;
        if (!ABOUT_THIS_ANSWER.has(slackCode(error) ?? '')) pausedUntil[target.chat.kind] = now() + REFUSED_PAUSE_MS;
        return 'refused';
      }
    },

    append: (target, ts, markdown, signal) =>
      whileOpen(client.call('chat.appendStream', { channel: target.chat.id, ts, markdown_text: markdown }, signal)),

    stop(target, ts, { markdown, metadata }, signal) {
      const last = { metadata, ...(markdown && { markdown_text: markdown }) };
      return whileOpen(client.call('chat.stopStream', { channel: target.chat.id, ts, ...last }, signal));
    },
  };
}

/** Slack has answered, and nothing was done. */
export function isRefusal(error: ParleyError): boolean {
  return (error.code === 'platform_rejected' || error.code === 'platform_unauthorized') && !error.outcomeUnknown;
}

/** A stream in a channel runs to one person, who must be named; a direct chat takes no recipient at all. */
function recipient({ chat, senderId, state }: ReplyTarget): Record<string, string> | undefined {
  if (chat.kind === 'direct') return {};
  const team = state?.team;
  if (typeof team !== 'string' || senderId === '') return undefined;
  return { recipient_team_id: team, recipient_user_id: senderId };
}

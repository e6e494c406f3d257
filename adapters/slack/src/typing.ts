import type { ReplyTarget } from '@parley/core/adapter';
import type { Language } from '@parley/core/message';
import type { SlackClient } from './client.ts';
import { slackCode } from './errors.ts';
import { replyThread } from './send.ts';

/** Slack takes the status away after two minutes, or when the answer comes. */
export const TYPING_INTERVAL_MS = 90_000;
/** After a refusal for want of a scope or feature the indicator is left out for this long: asking again changes nothing. */
const REFUSED_PAUSE_MS = 10 * 60 * 1000;

const STATUS: Record<Language, string> = { en: 'is thinking…', zh: '正在思考…' };

/**
 * "… is thinking" under the thread that the answer will stand in (`assistant.threads.setStatus`, which needs no scope
 * beyond `chat:write` or `assistant:write`). In the main flow of a direct chat Slack has no indicator for bots; a
 * reaction would need one more scope and stays behind when a worker dies, so there is none.
 *
 * @returns a function that never rejects: an indicator is not worth an error
 */
export function makeTyping(client: SlackClient, now: () => number): (target: ReplyTarget) => Promise<void> {
  let pausedUntil = 0;
  return async (target) => {
    const thread = replyThread(target);
    if (thread === undefined || now() < pausedUntil) return;
    const status = STATUS[target.state?.language === 'zh' ? 'zh' : 'en'];
    try {
      await client.call('assistant.threads.setStatus', { channel_id: target.chat.id, thread_ts: thread, status });
    } catch (error) {
      if (slackCode(error) !== undefined) pausedUntil = now() + REFUSED_PAUSE_MS;
    }
  };
}

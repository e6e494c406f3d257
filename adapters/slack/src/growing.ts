import type { ReplyTarget } from '@parley/core/adapter';
import { toParleyError } from '@parley/core/errors';
import { slackCode } from './errors.ts';
import type { makeMark } from './mark.ts';
import { isRefusal, type NativeStreams } from './native.ts';
import { stableLength } from './stable.ts';

/** A message in Slack's streaming state: it can only grow, and be edited only once it is stopped. */
export interface GrowingMessage {
  readonly ts: string;
  /** Appends as much of a preview as will stay. Resolves with false when the message has to be edited to show it. */
  show(preview: string): Promise<boolean>;
  /**
   * Ends the stream so that it shows exactly `text`; without a text, as it stands. Resolves with false when the message
   * has to be edited to show it; then it has ended all the same.
   */
  stop(text?: string): Promise<boolean>;
}

export interface GrowingOptions {
  native: NativeStreams;
  target: ReplyTarget;
  mark: ReturnType<typeof makeMark>;
  signal: AbortSignal | undefined;
}

/** A preview that parts from what was appended only near its end has half a link there, and will meet it again. */
const PASSING_DIFFERENCE = 200;

/** What a message begins with, for its first preview. */
export function firstText(preview: string): string {
  return preview.slice(0, stableLength('', preview));
}

/**
 * @param first the preview with whose `firstText` the message was made; undefined when nobody knows what it shows
 */
export function makeGrowing(
  { native, target, mark, signal }: GrowingOptions,
  ts: string,
  first?: string,
): GrowingMessage {
  let previous = first ?? '';
  /** What the message shows; undefined when that is in doubt. */
  let shown = first === undefined ? undefined : firstText(first);
  let hasEnded = false;

  async function append(from: string, to: string): Promise<boolean> {
    shown = undefined;
    try {
      hasEnded = !(await native.append(target, ts, to.slice(from.length), signal));
      if (!hasEnded) shown = to;
      return !hasEnded;
    } catch (error) {
      if (!toParleyError(error).outcomeUnknown) shown = from;
      throw error;
    }
  }

  async function stopWith(from: string, text: string): Promise<boolean> {
    shown = undefined;
    try {
      return await native.stop(target, ts, { markdown: text.slice(from.length), metadata: mark }, signal);
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (!error.outcomeUnknown) shown = from;
      // Whatever it is about the rest that Slack does not like: the stream must not stay open.
      if (isRefusal(error) && slackCode(error) !== 'message_not_found') return stopAsItIs();
      throw error;
    }
  }

  async function stopAsItIs(): Promise<false> {
    if (!hasEnded) await native.stop(target, ts, { metadata: mark }, signal);
    return false;
  }

  return {
    ts,

    async show(preview) {
      if (shown === undefined) return false;
      if (!preview.startsWith(shown)) return preview.length - shown.length < PASSING_DIFFERENCE;
      if (preview === previous) return true;
      const end = stableLength(previous, preview);
      previous = preview;
      return end <= shown.length || append(shown, preview.slice(0, end));
    },

    stop(text) {
      return shown !== undefined && text?.startsWith(shown) ? stopWith(shown, text) : stopAsItIs();
    },
  };
}

import type { AnswerStream } from '@parley/core/adapter';
import { toParleyError } from '@parley/core/errors';
import { healMarkdown } from '@parley/core/markdown';
import { crashPoint } from '@parley/core/telemetry';
import { type DeliveryContext, openStream } from './context.ts';

/** Shows an answer while it is being written. Best effort: nothing here can fail the turn. */
export interface Preview {
  /** The whole text so far. */
  show(text: string): void;
  /** Ends the previews; resolves with the stream, if one was begun, once nothing of it is under way. */
  stop(): Promise<AnswerStream | undefined>;
}

/** An answer that is complete sooner than this needs no preview. */
const FIRST_AFTER_MS = 400;
/** How long to leave a platform alone that refused a preview without saying until when. */
const AFTER_REFUSAL_MS = 5_000;
/** A text of which so much is there already will probably need more than one message. */
const LONG_CHARACTERS = 1_500;
/** What surely fits into one message on every platform. The final text is split; a preview shows its beginning. */
const PREVIEW_CHARACTERS = 3_000;

export function createPreview(context: DeliveryContext): Preview {
  const { adapter, governor, place, onError } = context;
  let latest = '';
  let shown = '';
  let stream: AnswerStream | undefined;
  let timer: NodeJS.Timeout | undefined;
  let underway: Promise<void> = Promise.resolve();
  let off = adapter.startStream === undefined;

  async function update(): Promise<number> {
    // What goes beyond one message changes nothing: the platform's pace is left to the final text, which needs more of it.
    const text = beginningOf(latest);
    if (text === shown) return stream?.intervalMs ?? FIRST_AFTER_MS;
    const cost = stream?.cost?.update ?? 1;
    const isLong = text.length > LONG_CHARACTERS;
    const [allowed] = await Promise.all([governor.tryPreview(place, cost, isLong), context.assertOwned()]);
    if (!allowed) return stream?.intervalMs ?? FIRST_AFTER_MS;
    stream ??= await openStream(context, 0);
    if (!stream || off) return 0;
    crashPoint('worker:stream_started');
    await stream.update(healMarkdown(text));
    crashPoint('worker:previewed');
    shown = text;
    context.onVisible?.();
    return stream.intervalMs;
  }

  async function step(): Promise<void> {
    let nextMs = FIRST_AFTER_MS;
    try {
      nextMs = await update();
    } catch (thrown) {
      const error = toParleyError(thrown);
      onError(error);
      if (error.code === 'platform_rate_limited') {
        nextMs = error.retryAfterMs ?? AFTER_REFUSAL_MS;
        await governor.penalise(place, nextMs, 'chat').catch(() => undefined);
      } else off = true;
    }
    if (!off) schedule(nextMs);
  }

  function schedule(ms: number): void {
    timer = setTimeout(() => {
      underway = step();
    }, ms);
  }

  return {
    show(text) {
      const isFirst = latest === '';
      latest = text;
      if (isFirst && !off) schedule(FIRST_AFTER_MS);
    },
    async stop() {
      off = true;
      clearTimeout(timer);
      await underway;
      return stream;
    },
  };
}

/** The part of a long text that a preview shows; never half a character. */
function beginningOf(text: string): string {
  if (text.length <= PREVIEW_CHARACTERS) return text;
  const cut = text.codePointAt(PREVIEW_CHARACTERS - 1) ?? 0;
  return `${text.slice(0, cut > 0xffff ? PREVIEW_CHARACTERS - 1 : PREVIEW_CHARACTERS)}…`;
}

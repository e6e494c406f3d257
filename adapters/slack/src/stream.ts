import type {
  AnswerStream,
  OutgoingPart,
  Receipt,
  ReplyTarget,
  StreamOptions,
  StreamState,
} from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { z } from 'zod';
import type { SlackClient } from './client.ts';
import { markdownOf } from './content.ts';
import { slackCode } from './errors.ts';
import { findSent, findStream } from './find-sent.ts';
import { formatReply } from './format.ts';
import { firstText, type GrowingMessage, makeGrowing } from './growing.ts';
import { makeMark } from './mark.ts';
import { makeNativeStreams, type NativeStreams } from './native.ts';
import { editMessage, isPost, postInChat, postMessage } from './send.ts';

/** Slack asks for 0.6 s between appends (Tier 4); edits share 50 a minute (Tier 3) with every other answer's. */
const APPEND_INTERVAL_MS = 1_000;
const EDIT_INTERVAL_MS = 2_000;
/** Far more than one process answers at a time. */
const MAX_OWN = 1_000;

export interface StreamDeps {
  client: SlackClient;
  /** Rejects with `unavailable`. */
  botUserId: () => Promise<string>;
  /** Unix milliseconds. */
  now: () => number;
}

export type StartStream = (target: ReplyTarget, options: StreamOptions, earlier?: StreamState) => Promise<AnswerStream>;

/**
 * Shows answers while they are written: as a native stream where the answer stands in a thread and Slack will have it,
 * else as a message that is edited. A native stream becomes an edited message when Slack has ended it, when it is in
 * doubt what it shows, and when another process goes on with it.
 *
 * The message is made by the first `update` or `finish`, and the state is saved before that: `startStream` itself calls
 * nobody.
 */
export function makeStartStream(deps: StreamDeps): StartStream {
  const native = makeNativeStreams(deps.client, deps.now);
  const own = new Set<string>();
  return async (target, options, earlier) => makeAnswer({ ...deps, native, own, target, options }, earlier);
}

interface AnswerDeps extends StreamDeps {
  native: NativeStreams;
  /** Messages this process streams to, as `channel:ts`: unmarked yet, so the search for a lost one must not take them. */
  own: Set<string>;
  target: ReplyTarget;
  options: StreamOptions;
}

/** What is saved, with `ts` once the message is known, and with `starting` while it may or may not exist. */
const savedState = z.object({ mode: z.enum(['native', 'edit']), ts: z.string().optional() });
type Mode = z.output<typeof savedState>['mode'];

/** Where the answer's message is. */
type Place =
  | { kind: 'none' }
  | { kind: 'growing'; message: GrowingMessage }
  | { kind: 'edited'; ts: string }
  /** Sent by response URL: out of reach, but sent. */
  | { kind: 'responded'; receipt: Receipt };
/** A call that makes the message has an unknown outcome. */
type Doubt = { kind: 'doubtful'; mode: Mode };

function makeAnswer(
  { client, native, own, botUserId, target, options }: AnswerDeps,
  earlier?: StreamState,
): AnswerStream {
  const { signal, save, idempotencyKey } = options;
  const mark = makeMark(idempotencyKey);
  let at: Place | Doubt = earlier === undefined ? { kind: 'none' } : placeOf(earlier);
  /** The last text that an edited message was given. */
  let shown: string | undefined;

  function placeOf(saved: StreamState): Place | Doubt {
    const state = savedState.safeParse(saved);
    // One that a newer version has saved: there may be a message, and it bears the mark.
    if (!state.success) return { kind: 'doubtful', mode: 'edit' };
    const { mode, ts } = state.data;
    return ts === undefined ? { kind: 'doubtful', mode } : placeAt(mode, ts);
  }

  function placeAt(mode: Mode, ts: string, first?: string): Place {
    own.add(`${target.chat.id}:${ts}`);
    if (own.size > MAX_OWN) own.delete(own.values().next().value as string);
    if (mode === 'edit') return { kind: 'edited', ts };
    return { kind: 'growing', message: makeGrowing({ native, target, mark, signal }, ts, first) };
  }

  async function whoWeAre(): Promise<string> {
    try {
      return await botUserId();
    } catch (cause) {
      throw new ParleyError('platform_unavailable', toParleyError(cause).message, { cause });
    }
  }

  /** Settles whether the message exists. */
  async function settle(): Promise<Place> {
    if (at.kind !== 'doubtful') return at;
    const { mode } = at;
    const isTaken = (ts: string) => own.has(`${target.chat.id}:${ts}`);
    const found =
      mode === 'native'
        ? await findStream(client, target, idempotencyKey, await whoWeAre(), isTaken)
        : (await findSent(client, target, idempotencyKey))?.messageId;
    const place: Place = found === undefined ? { kind: 'none' } : placeAt(mode, found);
    at = place;
    if (found !== undefined) await save({ mode, ts: found });
    return place;
  }

  /** Makes the message, having saved that it may exist from now on. */
  async function make<T>(mode: Mode, call: () => Promise<T>): Promise<T> {
    await save({ mode, starting: true });
    try {
      return await call();
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (error.outcomeUnknown) at = { kind: 'doubtful', mode };
      throw error;
    }
  }

  async function begin(part: OutgoingPart, preview: string): Promise<void> {
    if (native.isPossible(target)) {
      const first = firstText(preview);
      if (first === '') return;
      const ts = await make('native', () => native.start(target, first, signal));
      if (ts !== 'refused') {
        at = placeAt('native', ts, preview);
        return save({ mode: 'native', ts });
      }
    }
    const { messageId: ts } = await make('edit', () => postInChat(client, target, part, options));
    at = placeAt('edit', ts);
    shown = preview;
    await save({ mode: 'edit', ts });
  }

  async function edit(ts: string, part: OutgoingPart): Promise<void> {
    const replace = () => editMessage(client, target, { messageId: ts }, part, options, mark);
    try {
      await replace();
    } catch (error) {
      if (slackCode(error) !== 'streaming_state_conflict') throw error;
      await native.stop(target, ts, { metadata: mark }, signal);
      await replace();
    }
    shown = markdownOf(part);
  }

  async function post(part: OutgoingPart): Promise<Receipt> {
    const receipt = await make('edit', () => postMessage(client, target, part, options));
    at = isPost(receipt.messageId) ? { kind: 'edited', ts: receipt.messageId } : { kind: 'responded', receipt };
    return receipt;
  }

  const leave = () => {
    const ts = at.kind === 'growing' ? at.message.ts : at.kind === 'edited' && at.ts;
    own.delete(`${target.chat.id}:${ts}`);
  };

  return {
    get intervalMs() {
      const appends = at.kind === 'growing' || (at.kind === 'none' && native.isPossible(target));
      return appends ? APPEND_INTERVAL_MS : EDIT_INTERVAL_MS;
    },

    get cost() {
      // To stop a stream, and sometimes to edit it then.
      return { update: 1, finish: at.kind === 'growing' ? 2 : 1 };
    },

    async update(markdown) {
      const [part] = formatReply(markdown);
      const preview = part && markdownOf(part);
      if (part === undefined || preview === undefined) return;
      let place = await settle();
      if (place.kind === 'none') return begin(part, preview);
      if (place.kind === 'growing') {
        const { message } = place;
        if (await message.show(preview)) return;
        await message.stop();
        place = { kind: 'edited', ts: message.ts };
        at = place;
        await save({ mode: 'edit', ts: message.ts });
      }
      if (place.kind === 'edited' && preview !== shown) await edit(place.ts, part);
    },

    async finish(part) {
      const place = await settle();
      if (place.kind === 'responded') return place.receipt;
      if (place.kind === 'none') return post(part);
      const ts = place.kind === 'growing' ? place.message.ts : place.ts;
      const isExact = place.kind === 'growing' && (await place.message.stop(markdownOf(part)));
      at = { kind: 'edited', ts };
      if (!isExact) await edit(ts, part);
      leave();
      return { messageId: ts, refs: [ts] };
    },

    abandon: leave,
  };
}

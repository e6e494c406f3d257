import { ParleyError } from '../errors/index.ts';
import type { FinishReason, ModelEvent, ModelRequest, Usage } from './types.ts';
import { estimateUsage, isUsable } from './usage.ts';

/** What one chunk of an SDK's stream says, in the hub's words. */
export interface Part {
  text?: string | undefined;
  /** Pieces of tool calls; id and name come with the first of each. */
  toolCalls?: Omit<Extract<ModelEvent, { type: 'tool_call' }>, 'type'>[] | undefined;
  /** The provider's end marker. `unavailable`: it gave up half-way for want of capacity. */
  end?: EndReason | undefined;
  /** Running totals; the last one counts. */
  usage?: Omit<Usage, 'estimated'> | undefined;
}

/**
 * A server that does not keep to the bound it was given, and never ends, is not listened to for ever. A token is hardly ever
 * more than this, and a short answer may be a little longer than it was to be.
 */
const CHARACTERS_OF_TOKEN = 64;
const CHARACTERS_BESIDE = 64 * 1024;
const UNBOUNDED_TOKENS = 100_000;

export type EndReason = FinishReason | 'filtered' | 'unavailable';

/** How the events of one API are read. */
export interface Reading<Event> {
  /** Called once for every event, in order. */
  partOf: (event: Event) => Part | undefined;
  /** What it throws, as one of the `model_*` errors. */
  errorOf: (thrown: unknown) => ParleyError;
}

/**
 * Turns the stream of one answer into the events of the `Provider` contract: no empty deltas, never an answer without
 * text, never one without an end marker, always a usage. A failure after the end marker costs only the usage report: the
 * answer is whole, so it counts.
 *
 * Throws `model_bad_response`, `model_content_filtered`, `model_overloaded`, and what `errorOf` makes of the stream's errors.
 */
export async function* complete<Event>(
  events: AsyncIterable<Event>,
  request: ModelRequest,
  { partOf, errorOf }: Reading<Event>,
): AsyncGenerator<ModelEvent> {
  const answer = openAnswer(request);
  try {
    for await (const event of events) {
      const part = partOf(event);
      if (!part) continue;
      // Not `yield*`: of a list it would wait for every item twice.
      for (const one of answer.add(part)) yield one;
      if (answer.isTooLong) break;
    }
  } catch (thrown) {
    const error = errorOf(thrown);
    if (!answer.hasEnded || error.code === 'model_aborted') throw error;
  }
  yield await answer.finish();
}

/** What has come of an answer. */
function openAnswer(request: ModelRequest) {
  let text = '';
  let held = '';
  let end: EndReason | undefined;
  let called = '';
  let hasCalls = false;
  let usage: Part['usage'];
  let isTooLong = false;
  const most = CHARACTERS_BESIDE + CHARACTERS_OF_TOKEN * (request.maxOutputTokens ?? UNBOUNDED_TOKENS);
  return {
    get isTooLong() {
      return isTooLong;
    },
    get hasEnded() {
      return end !== undefined;
    },
    add(part: Part): ModelEvent[] {
      if (part.usage && isUsable(part.usage)) usage = part.usage;
      end = part.end ?? end;
      const events: ModelEvent[] = [];
      for (const piece of part.toolCalls ?? []) {
        called += piece.arguments;
        hasCalls = true;
        events.push({ type: 'tool_call', ...piece });
      }
      if (text.length + held.length + called.length > most) {
        end = 'length';
        isTooLong = true;
      } else if (part.text) {
        // White space alone is no answer yet. Held back, the next model can still be asked when nothing else comes.
        held += part.text;
        if (text === '' && held.trim() === '') return events;
        text += held;
        events.push({ type: 'delta', text: held });
        held = '';
      }
      return events;
    },
    async finish(): Promise<ModelEvent> {
      return {
        type: 'finish',
        reason: requireAnswer(end, text, hasCalls),
        usage: usage ? { ...usage, estimated: false } : await estimateUsage(request, text + called),
      };
    },
  };
}

function requireAnswer(end: EndReason | undefined, answer: string, hasCalls: boolean): FinishReason {
  switch (end) {
    case undefined:
      throw new ParleyError('model_bad_response', 'the stream ended without an end marker');
    case 'filtered':
      throw new ParleyError('model_content_filtered', "the provider's content filter refused the answer");
    case 'unavailable':
      throw new ParleyError('model_overloaded', 'the provider gave the answer up half-way');
    default:
      // A server that calls tools without saying so at the end.
      if (hasCalls) return end === 'length' ? end : 'tool_calls';
      if (answer === '') throw new ParleyError('model_bad_response', `the answer is empty (end: ${end})`);
      return end === 'tool_calls' ? 'stop' : end;
  }
}

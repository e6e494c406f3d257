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

/**
 * Turns the parts of one answer into the events of the `Provider` contract: no empty deltas, never an answer without
 * text, never one without an end marker, always a usage.
 *
 * Throws `model_bad_response`, `model_content_filtered`, `model_overloaded`.
 */
export async function* complete(parts: AsyncIterable<Part>, request: ModelRequest): AsyncGenerator<ModelEvent> {
  let answer = '';
  let held = '';
  let end: EndReason | undefined;
  let called = '';
  let hasCalls = false;
  let usage: Part['usage'];
  const most = CHARACTERS_BESIDE + CHARACTERS_OF_TOKEN * (request.maxOutputTokens ?? UNBOUNDED_TOKENS);
  for await (const part of untilAnswered(parts)) {
    if (part.usage && isUsable(part.usage)) usage = part.usage;
    end = part.end ?? end;
    for (const piece of part.toolCalls ?? []) {
      called += piece.arguments;
      hasCalls = true;
      yield { type: 'tool_call', ...piece };
    }
    if (answer.length + held.length + called.length > most) {
      end = 'length';
      break;
    }
    if (!part.text) continue;
    // White space alone is no answer yet. Held back, the next model can still be asked when nothing else comes.
    held += part.text;
    if (answer === '' && held.trim() === '') continue;
    answer += held;
    yield { type: 'delta', text: held };
    held = '';
  }
  const reason = requireAnswer(end, answer, hasCalls);
  yield {
    type: 'finish',
    reason,
    usage: usage ? { ...usage, estimated: false } : await estimateUsage(request, answer + called),
  };
}

/** A failure after the end marker costs only the usage report: the answer is whole, so it counts. */
async function* untilAnswered(parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  let ended = false;
  try {
    for await (const part of parts) {
      ended ||= part.end !== undefined;
      yield part;
    }
  } catch (error) {
    if (!ended || (error instanceof ParleyError && error.code === 'model_aborted')) throw error;
  }
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

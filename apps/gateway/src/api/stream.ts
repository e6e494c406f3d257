import { ParleyError, toParleyError } from '@parley/core/errors';
import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import type { FastifyReply } from 'fastify';
import { errorBody } from '../http-errors.ts';
import { answerHeaders, refusalOf, refusedAnswer } from './answers.ts';
import { type EventStream, openEventStream } from './sse.ts';

/** How one API writes an answer as it comes. */
export interface StreamWriter {
  begin?(): Promise<void>;
  piece(event: Extract<QuestionEvent, { type: 'delta' | 'tool_call' }>): Promise<void>;
  /** The end of a good answer. */
  end(result: QuestionResult): Promise<void>;
}

/**
 * Plays a question to a caller as server-sent events. The first event decides whether there is a stream at all: a refusal
 * before it is an HTTP error like any other, one in the middle comes as an event, because the status has gone out.
 *
 * @param writerOf is told the model that has begun to answer
 */
export async function streamAnswer(
  question: Question,
  events: AsyncGenerator<QuestionEvent>,
  { reply, requestId }: { reply: FastifyReply; requestId: string },
  writerOf: (sse: EventStream, model: string | undefined) => StreamWriter,
): Promise<void> {
  const first = (await events.next()).value as QuestionEvent | undefined;
  if (!first) throw new ParleyError('internal', 'the question ended without a result');
  if (first.type === 'done' && first.result.status !== 'success') throw refusedAnswer(question, first.result);
  const sse = openEventStream(reply, answerHeaders(first.type === 'begun' ? first : { attempts: 1 }));
  const model = first.type === 'begun' ? first.model : first.type === 'done' ? first.result.model : undefined;
  const writer = writerOf(sse, model);
  try {
    await writer.begin?.();
    for await (const event of following(first, events)) {
      if (event.type === 'delta' || event.type === 'tool_call') await writer.piece(event);
      else if (event.type === 'done') await finish(event.result);
    }
  } catch (thrown) {
    const { code } = toParleyError(thrown);
    await sse.send(errorBody(code, 'The answer broke off', requestId));
  } finally {
    sse.end();
  }

  async function finish(result: QuestionResult): Promise<void> {
    if (result.status === 'success') return writer.end(result);
    const { code, message } = refusalOf(question, result);
    return sse.send(errorBody(code, message, requestId));
  }
}

async function* following<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

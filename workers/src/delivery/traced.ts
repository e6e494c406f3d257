import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter, AnswerStream } from '@parley/core/adapter';
import { toParleyError } from '@parley/core/errors';
import type { Span, SpanAttributes } from '@parley/core/telemetry';

/** An adapter whose calls to the platform are spans of the turn: sends, previews, placeholders, look-ups and indicators. */
export function traceAdapter(adapter: Adapter, parent: Span): Adapter {
  const attributes = { 'parley.platform': adapter.platform };
  const traced: Pick<Adapter, 'postMessage' | 'startStream' | 'findSent' | 'startTyping' | 'stopTyping'> = {
    postMessage: (target, part, options) =>
      call(parent, 'send', { ...attributes, 'parley.send': options.idempotencyKey }, () =>
        adapter.postMessage(target, part, options),
      ),
  };
  if (adapter.startStream) {
    traced.startStream = async (target, options, earlier) => {
      const of = { ...attributes, 'parley.send': options.idempotencyKey };
      const stream = await call(parent, 'open', of, async () => adapter.startStream?.(target, options, earlier));
      return traceStream(stream as AnswerStream, parent, of);
    };
  }
  if (adapter.findSent) {
    traced.findSent = (target, key) =>
      call(parent, 'find', { ...attributes, 'parley.send': key }, async () => adapter.findSent?.(target, key));
  }
  // Nobody waits for these two, so they may end after the turn.
  if (adapter.startTyping) {
    traced.startTyping = (target) =>
      call(parent, 'typing', { ...attributes, 'parley.typing': 'show' }, async () => adapter.startTyping?.(target));
  }
  if (adapter.stopTyping) {
    traced.stopTyping = (target, handle) =>
      call(parent, 'typing', { ...attributes, 'parley.typing': 'hide' }, async () =>
        adapter.stopTyping?.(target, handle),
      );
  }
  // All else is the adapter's own.
  return Object.assign(Object.create(adapter), traced);
}

function traceStream(stream: AnswerStream, parent: Span, attributes: SpanAttributes): AnswerStream {
  return Object.assign(Object.create(stream), {
    update: (markdown) => call(parent, 'preview', attributes, () => stream.update(markdown)),
    finish: (part) => call(parent, 'send', attributes, () => stream.finish(part)),
  } satisfies Pick<AnswerStream, 'update' | 'finish'>);
}

/** A wait for the platform's pace, or before another try. */
export async function traceSleep(parent: Span, ms: number, signal: AbortSignal): Promise<void> {
  const span = parent.child('wait');
  await sleep(ms, undefined, { signal }).finally(() => span.end());
}

async function call<T>(parent: Span, name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T> {
  const span = parent.child(name, { kind: 'client', attributes });
  try {
    return await work();
  } catch (thrown) {
    span.fail(toParleyError(thrown).code);
    throw thrown;
  } finally {
    span.end();
  }
}

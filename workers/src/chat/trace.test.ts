import type { FinishedTurn, Head } from '@parley/core/bus';
import type { Span, SpanAttributes, SpanOptions, TraceContext, Tracing } from '@parley/core/telemetry';
import { expect, test } from 'vitest';
import { beginTurnSpan, endTurnSpan, noteTurn } from './trace.ts';

type Begun = SpanOptions & { name: string; parent?: TraceContext | undefined; ended: boolean; failed?: string };

/** Remembers what it was told. */
function recorder() {
  const spans: Begun[] = [];
  function begin(name: string, options: SpanOptions & { parent?: TraceContext | undefined } = {}): Span {
    const begun: Begun = { name, ended: false, ...options, attributes: { ...options.attributes } };
    spans.push(begun);
    return {
      traceId: 'f'.repeat(32),
      isSampled: true,
      context: context('own'),
      child: begin,
      set: (attributes: SpanAttributes) => void Object.assign(begun.attributes ?? {}, attributes),
      fail: (code) => void Object.assign(begun, { failed: code }),
      end: () => void Object.assign(begun, { ended: true }),
    };
  }
  const tracing: Tracing = { begin, close: async () => {} };
  return { tracing, spans };
}

const context = (name: string): TraceContext => ({ traceparent: `00-${name}` });
const head = (over: { envelope?: object; record?: object; also?: object[] } = {}) =>
  ({
    envelope: { turn: 't', receivedAt: 1_000, conversation: { id: 'c' }, trace: context('gateway'), ...over.envelope },
    record: over.record ?? {},
    also: over.also ?? [],
  }) as unknown as Head;

test('the first attempt has waited in the mailbox, the next one begins where the first ended', () => {
  const { tracing, spans } = recorder();
  beginTurnSpan(tracing, head(), 1_250);
  expect(spans).toMatchObject([
    { name: 'mailbox', parent: context('gateway'), startedAt: 1_000, ended: true },
    { name: 'turn', parent: context('gateway'), startedAt: 1_250, ended: false },
  ]);
  expect(spans[0]?.attributes).toEqual({ 'parley.waited_ms': 250 });
  beginTurnSpan(tracing, head({ record: { attempts: '2', answer: '{}' } }), 9_000);
  beginTurnSpan(tracing, head({ envelope: { replay: { of: 'earlier', also: [] } } }), 9_000);
  expect(spans.slice(2).map(({ name }) => name)).toEqual(['turn', 'turn']);
  expect(spans[2]?.attributes).toMatchObject({ 'parley.attempt': 2, 'parley.resumed': true });
  expect(spans[3]?.attributes).toMatchObject({ 'parley.replay_of': 'earlier' });
});

test('questions that are answered together are linked; one from before there were traces begins one', () => {
  const { tracing, spans } = recorder();
  beginTurnSpan(tracing, head({ also: [{ trace: context('second') }, {}] }), 1_000);
  expect(spans.at(-1)?.links).toEqual([context('second')]);
  beginTurnSpan(tracing, head({ envelope: { trace: undefined } }), 1_000);
  expect(spans.at(-1)).toMatchObject({ name: 'turn', parent: undefined });
  expect(spans.filter(({ name }) => name === 'mailbox')).toHaveLength(1);
});

test('a turn says how it ended; a failure by its code, one that was handed back by that', () => {
  const { tracing, spans } = recorder();
  const failed = beginTurnSpan(tracing, head(), 1_000);
  const turn = {
    status: 'failed',
    kind: 'failure',
    errorCode: 'model_timeout',
    costMicroUsd: 1_500,
    answer: 'no words of it',
  };
  noteTurn(failed, turn as FinishedTurn);
  endTurnSpan(failed, { status: 'empty' });
  expect(spans.at(-1)).toMatchObject({
    failed: 'model_timeout',
    ended: true,
    attributes: { 'parley.status': 'failed', 'parley.cost_usd': 0.0015, 'parley.ended': 'completed' },
  });
  expect(JSON.stringify(spans)).not.toContain('no words of it');
  const parked = beginTurnSpan(tracing, head(), 1_000);
  endTurnSpan(parked, { status: 'parked', waitMs: 5_000, isPaced: false });
  expect(spans.at(-1)?.attributes).toMatchObject({ 'parley.ended': 'parked' });
  const broken = beginTurnSpan(tracing, head(), 1_000);
  endTurnSpan(broken, undefined);
  expect(spans.at(-1)).toMatchObject({ failed: 'internal', ended: true, attributes: { 'parley.ended': 'error' } });
});

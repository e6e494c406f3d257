import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { traceContextOf } from './tracing.ts';

test("a caller's trace is taken as it is, within bounds", () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  expect(traceContextOf({})).toBeUndefined();
  expect(traceContextOf({ traceparent })).toEqual({ traceparent });
  expect(traceContextOf({ traceparent, tracestate: 'v=1' })).toEqual({ traceparent, tracestate: 'v=1' });
  // Two headers, or one without end, are nobody's trace; a vendor's own state may be dropped.
  expect(traceContextOf({ traceparent: [traceparent, traceparent] })).toBeUndefined();
  expect(traceContextOf({ traceparent: 'x'.repeat(513) })).toBeUndefined();
  expect(traceContextOf({ traceparent, tracestate: 'x'.repeat(513) })).toEqual({ traceparent });
});

test('OpenMetrics text has the same metrics as the plain one, and leaves that as it is', async () => {
  const metrics = createMetrics({ withExemplars: true });
  metrics.events.inc({ platform: 'slack', outcome: 'accepted' });
  metrics.turnSeconds.observe({ platform: 'slack', status: 'success' }, 0.3, 'a'.repeat(32));
  metrics.turnSeconds.observe({ platform: 'slack', status: 'success' }, 0.7);
  const plain = await metrics.registry.metrics();
  const open = (await metrics.openMetrics?.metrics()) ?? '';
  expect(await metrics.registry.metrics()).toContain('parley_events_total{platform="slack",outcome="accepted"} 1');
  const samples = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('parley_') && !line.startsWith('parley_trace'))
      .map((line) => line.split(' # ')[0]);
  expect(samples(open)).toEqual(samples(plain));
  expect(open).toContain('# TYPE parley_events counter\n');
  const exemplars = [...open.matchAll(/le="([^"]+)".* # (\{.*\}) (\S+) /g)].map(([, le, labels, value]) => [
    le,
    labels,
    value,
  ]);
  expect(exemplars).toEqual([['0.5', `{trace_id="${'a'.repeat(32)}"}`, '0.3']]);
  expect(plain).not.toContain('trace_id');
});

test('without traces there is no second format, and an observation is one as ever', async () => {
  const metrics = createMetrics();
  expect(metrics.openMetrics).toBeUndefined();
  metrics.turnSeconds.observe({ platform: 'slack', status: 'success' }, 0.3, undefined);
  expect(await metrics.registry.metrics()).toContain(
    'parley_turn_duration_seconds_count{platform="slack",status="success"} 1',
  );
});

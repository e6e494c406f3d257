import {
  type Context,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';
import type { Span, SpanOptions, TraceContext } from '@parley/core/telemetry';

interface Recorder {
  tracer: Tracer;
  /** Called for every span that is going to be sent, or dropped because too many wait. */
  onEnd: () => void;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/** Begins a trace, or goes on with `parent`'s; one that cannot be read begins a new trace, as the specification says. */
export function beginSpan(
  recorder: Recorder,
  name: string,
  { parent, ...options }: SpanOptions & { parent?: TraceContext | undefined },
): Span {
  return start(recorder, name, options, parent ? remote(parent) : ROOT_CONTEXT);
}

function start(
  recorder: Recorder,
  name: string,
  { kind = 'internal', attributes = {}, startedAt, links = [] }: SpanOptions,
  within: Context,
): Span {
  const span = recorder.tracer.startSpan(
    name,
    {
      kind: KINDS[kind],
      attributes,
      links: links.flatMap(linkTo),
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
    },
    within,
  );
  return wrap(recorder, span, trace.setSpan(within, span));
}

function wrap(recorder: Recorder, span: OtelSpan, inside: Context): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const isSampled = span.isRecording();
  const self: Span = {
    traceId,
    isSampled,
    get context() {
      const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
      return traceState ? { traceparent, tracestate: traceState.serialize() } : { traceparent };
    },
    // Nothing below a trace that is not recorded is recorded: the steps of it cost nothing.
    child: (name, options = {}) => (isSampled ? start(recorder, name, options, inside) : self),
    set: (attributes) => void span.setAttributes(attributes),
    fail(code) {
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end() {
      if (isSampled) recorder.onEnd();
      span.end();
    },
  };
  return self;
}

function remote(context: TraceContext): Context {
  const parsed = spanContextOf(context);
  return parsed ? trace.setSpanContext(ROOT_CONTEXT, parsed) : ROOT_CONTEXT;
}

function linkTo(context: TraceContext): Link[] {
  const parsed = spanContextOf(context);
  return parsed ? [{ context: parsed }] : [];
}

function spanContextOf({ traceparent, tracestate }: TraceContext) {
  const parsed = parseTraceParent(traceparent);
  if (!parsed) return undefined;
  return { ...parsed, isRemote: true, ...(tracestate === undefined ? {} : { traceState: new TraceState(tracestate) }) };
}

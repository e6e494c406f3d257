/**
 * What the hub tells of a message's way. Where traces are off there is no `Tracing` and no `Span` at all, only `undefined`:
 * `span?.child(…)` then costs a comparison, and neither its arguments nor anything else is made. What records spans is
 * loaded by apps/hub, and only where it is asked for.
 */
export interface Tracing {
  /** Begins a trace, or goes on with another process's. */
  begin(name: string, options?: SpanOptions & { parent?: TraceContext | undefined }): Span;
  /** Sends what is recorded so far; rejects when that cannot be done. Nothing is recorded after it. */
  close(): Promise<void>;
}

/** One step, from `begin` or `child` to `end`. One that is never ended is never told: it was not worth it after all. */
export interface Span {
  /** 32 hex digits. */
  readonly traceId: string;
  /** Whether it is recorded, so that its trace can be found. */
  readonly isSampled: boolean;
  /** How another process goes on with this trace. */
  readonly context: TraceContext;
  child(name: string, options?: SpanOptions): Span;
  /** Undefined values are left out. Never what people wrote, never a secret. */
  set(attributes: SpanAttributes): void;
  /** @param code an ErrorCode or HTTP status; no message, which could quote somebody */
  fail(code: string): void;
  end(): void;
}

export type SpanAttributes = Record<string, string | number | boolean | string[] | undefined>;

export interface SpanOptions {
  /** `server` and `client` speak HTTP; `producer` writes to the mailbox, `consumer` reads from it. Default: `internal`. */
  kind?: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  attributes?: SpanAttributes;
  /** Unix ms; default now. */
  startedAt?: number;
  /** Traces of other messages that end here, too. */
  links?: TraceContext[];
}

/** W3C Trace Context, as headers and envelopes carry it: https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  traceparent: string;
  tracestate?: string | undefined;
}

/** As the specification wants it to be passed on at least. */
const TRACESTATE_MAX = 512;

/** The trace that a caller's request belongs to, unchecked but bounded; undefined: none. */
export function traceContextOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): TraceContext | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || traceparent.length > TRACESTATE_MAX) return undefined;
  const isShort = typeof tracestate === 'string' && tracestate.length <= TRACESTATE_MAX;
  return isShort ? { traceparent, tracestate } : { traceparent };
}

export { armCrashPoint, type CrashPoint, crashPoint } from './crash-points.ts';
export { createLogger } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export type { Sample, Sampled } from './sampled.ts';
export {
  type Span,
  type SpanAttributes,
  type SpanOptions,
  type TraceContext,
  type Tracing,
  traceContextOf,
} from './tracing.ts';

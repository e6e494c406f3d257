import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SamplerName, TracingSettings } from '@parley/core/config';
import type { Metrics, Tracing } from '@parley/core/telemetry';
import type { Logger } from 'pino';
import { VERSION } from '../version.ts';
import { reportingExporter } from './reporting.ts';
import { beginSpan } from './spans.ts';

/** Longer values are cut: no attribute of ours comes near it, unless somebody names a model so. */
const MAX_VALUE_CHARACTERS = 256;

/** OpenTelemetry's SDK behind the hub's own interface. Nothing is registered globally: no library joins in by itself. */
export function createTracing(settings: TracingSettings, logger: Logger, metrics: Pick<Metrics, 'spans'>): Tracing {
  const { protocol, serviceName, maxQueue, maxBatch, scheduleDelayMs, exportTimeoutMs } = settings;
  // Endpoint, headers, TLS, compression and timeout come from OTEL_EXPORTER_OTLP_…, as the exporter reads them.
  const exporter = protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
  const provider = new TracerProvider({
    sampler: samplerOf(settings.sampler, settings.ratio),
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': serviceName,
          'service.version': VERSION,
          'service.instance.id': randomUUID(),
          // On Kubernetes the pod's name.
          'host.name': hostname(),
        }),
      )
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE_CHARACTERS },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: reportingExporter(exporter, logger, metrics),
        maxQueueSize: maxQueue,
        maxExportBatchSize: Math.min(maxBatch, maxQueue),
        scheduledDelayMillis: scheduleDelayMs,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer('parley', VERSION);
  const onEnd = () => metrics.spans.inc({ outcome: 'recorded' });

  return {
    begin: (name, options = {}) => beginSpan({ tracer, onEnd }, name, options),
    close: () => provider.shutdown(),
  };
}

function samplerOf(name: SamplerName, ratio: number): Sampler {
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('always_on')
      ? new AlwaysOnSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

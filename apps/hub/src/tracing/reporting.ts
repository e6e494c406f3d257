import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Metrics } from '@parley/core/telemetry';
import type { Logger } from 'pino';

/** A collector that is away is no news more often than this. */
const LOG_EVERY_MS = 60_000;

/** Counts what became of the spans, and says that the collector does not take them. */
export function reportingExporter(
  exporter: SpanExporter,
  logger: Logger,
  { spans: counter }: Pick<Metrics, 'spans'>,
): SpanExporter {
  let lastLogged = Number.NEGATIVE_INFINITY;

  function report(error: Error | undefined): void {
    const now = performance.now();
    if (now - lastLogged < LOG_EVERY_MS) return;
    lastLogged = now;
    // The code of a socket or the status of an answer. A message could quote what the collector said.
    const reason = error && 'code' in error ? String(error.code) : (error?.name ?? 'unknown');
    logger.warn({ reason }, 'traces could not be sent');
  }

  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const isSent = result.code === ExportResultCode.SUCCESS;
        counter.inc({ outcome: isSent ? 'sent' : 'failed' }, spans.length);
        if (!isSent) report(result.error);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

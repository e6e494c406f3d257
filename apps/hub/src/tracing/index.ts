import type { Settings } from '@parley/core/config';
import type { Metrics, Tracing } from '@parley/core/telemetry';
import type { Logger } from 'pino';

/**
 * Traces where the environment asks for them, else undefined. Without them nothing of OpenTelemetry is loaded: a start takes
 * no longer.
 */
export async function openTracing(
  { tracing }: Pick<Settings, 'tracing'>,
  logger: Logger,
  metrics: Pick<Metrics, 'spans'>,
): Promise<Tracing | undefined> {
  if (!tracing) return undefined;
  const { createTracing } = await import('./sdk.ts');
  return createTracing(tracing, logger, metrics);
}

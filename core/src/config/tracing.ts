/** How traces are recorded. Where they go to is the exporter's own matter: it reads `OTEL_EXPORTER_OTLP_…` itself. */
export interface TracingSettings {
  protocol: 'http/protobuf' | 'http/json';
  serviceName: string;
  sampler: SamplerName;
  /** Share of the traces that are recorded by the `…traceidratio` samplers. */
  ratio: number;
  /** Spans that wait to be sent; further ones are dropped. */
  maxQueue: number;
  maxBatch: number;
  scheduleDelayMs: number;
  exportTimeoutMs: number;
}

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

interface Reader {
  text(name: string): string | undefined;
  wrong(name: string, expected: string): undefined;
  integer(name: string, fallback: number, min: number, max: number): number;
}

/**
 * OpenTelemetry's own variables, with its own defaults; undefined: no traces.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function readTracing({ text, wrong, integer }: Reader, role: string): TracingSettings | undefined {
  // All are looked at before anything is decided, so that the documentation can be held against them.
  const endpoint = text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const isOff = text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || text('OTEL_TRACES_EXPORTER') === 'none';
  const protocol = text('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? text('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  const name = text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const ratio = Number(text('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  const settings = {
    serviceName: text('OTEL_SERVICE_NAME') ?? (role === 'start' ? 'parley' : `parley-${role}`),
    maxQueue: integer('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1, 1_000_000),
    maxBatch: integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1, 1_000_000),
    scheduleDelayMs: integer('OTEL_BSP_SCHEDULE_DELAY', 5_000, 1, 3_600_000),
    exportTimeoutMs: integer('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1, 3_600_000),
  };
  if (endpoint === undefined || isOff || role === 'command') return undefined;
  if (!URL.canParse(endpoint)) return wrong('OTEL_EXPORTER_OTLP_ENDPOINT', 'a URL such as http://collector:4318');
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    return wrong('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf or http/json, which collectors take on port 4318');
  }
  const sampler = SAMPLERS.find((known) => known === name);
  if (sampler === undefined) return wrong('OTEL_TRACES_SAMPLER', `one of ${SAMPLERS.join(', ')}`);
  if (!(ratio >= 0 && ratio <= 1)) return wrong('OTEL_TRACES_SAMPLER_ARG', 'a number from 0 to 1');
  return { ...settings, protocol, sampler, ratio };
}

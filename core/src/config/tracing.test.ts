import { expect, test } from 'vitest';
import { loadSettings } from './settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const tracing = (env: Record<string, string>) => loadSettings(env, 'start').tracing;

test('there are traces where there is an endpoint, with the defaults of OpenTelemetry', () => {
  expect(tracing({})).toBeUndefined();
  expect(tracing(ENDPOINT)).toEqual({
    protocol: 'http/protobuf',
    serviceName: 'parley',
    sampler: 'parentbased_always_on',
    ratio: 1,
    maxQueue: 2048,
    maxBatch: 512,
    scheduleDelayMs: 5000,
    exportTimeoutMs: 30_000,
  });
  expect(tracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' })).toBeDefined();
});

test('what is said for traces alone goes before what is said for all', () => {
  const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' };
  expect(tracing(env)?.protocol).toBe('http/json');
});

test.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_SDK_DISABLED: 'TRUE' }, { OTEL_TRACES_EXPORTER: 'none' }])(
  '%j: none',
  (env) => {
    expect(tracing({ ...ENDPOINT, ...env })).toBeUndefined();
    // What is wrong besides is no matter then.
    expect(tracing({ ...ENDPOINT, ...env, OTEL_TRACES_SAMPLER: 'jaeger_remote' })).toBeUndefined();
  },
);

test('a short-lived command has none, a role is named', () => {
  expect(loadSettings(ENDPOINT, 'command').tracing).toBeUndefined();
  const shared = { REDIS_URL: 'redis://r', DATABASE_URL: 'postgres://p', ...ENDPOINT };
  expect(loadSettings(shared, 'worker').tracing?.serviceName).toBe('parley-worker');
  expect(tracing({ ...ENDPOINT, OTEL_SERVICE_NAME: 'chat' })?.serviceName).toBe('chat');
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
  ['OTEL_TRACES_SAMPLER_ARG', 'half'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
])('%s=%s is named as a mistake', (name, value) => {
  expect(() => tracing({ ...ENDPOINT, [name]: value })).toThrow(name);
});

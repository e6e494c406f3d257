import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '@parley/core/telemetry';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { answered, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { createWorld, startHub, startPostgres, type TestHub, until, type World } from '../support/index.ts';
import { type Collector, startCollector } from '../tracing/collector.ts';
import { DEPLOY, filesUnder, read, readYaml } from './support/files.ts';
import { findProgram } from './support/programs.ts';
import { startServer, type TestServer } from './support/servers.ts';

/** Every panel's expression, asked of a real Prometheus that scrapes a running hub with traffic of every kind. */
const prometheus = findProgram('prometheus', 'prometheus');
const cleanup = createCleanup();
const KEY = 'key-for-the-dashboards';

const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      datasource: z.object({ uid: z.string() }).optional(),
      targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});
const FILES = filesUnder('deploy/grafana/dashboards', /\.json$/);
const dashboards = FILES.map((file) => dashboard.parse(JSON.parse(read(file))));
const panels = dashboards.flatMap(({ uid, panels }) => panels.map((panel) => ({ uid, ...panel })));
const expressions = panels.flatMap(({ uid, title, targets }) => targets.map(({ expr }) => [uid, title, expr] as const));

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });

test('the files are what build.mjs makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-grafana-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  execFileSync(process.execPath, [join(DEPLOY, 'grafana/build.mjs'), folder]);
  expect(FILES).toHaveLength(2);
  // Formatted by the linter, so compared by what they say.
  for (const file of FILES) {
    expect(JSON.parse(read(file))).toEqual(
      JSON.parse(await readFile(join(folder, file.split('/').at(-1) ?? ''), 'utf8')),
    );
  }
});

test('they are provisioned: the folder, the data source that every panel names', () => {
  const { datasources } = z
    .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
    .parse(readYaml('deploy/grafana/provisioning/datasources/prometheus.yaml'));
  expect(read('deploy/grafana/provisioning/dashboards/parley.yaml')).toContain('path: /var/lib/grafana/dashboards');
  expect(read('docker-compose.yml')).toContain('./deploy/grafana/dashboards:/var/lib/grafana/dashboards:ro');
  expect(new Set(panels.flatMap(({ datasource }) => datasource?.uid ?? []))).toEqual(new Set([datasources[0]?.uid]));
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
});

test('every metric of the hub is on one of them, or in a rule that is', async () => {
  const shown = [...expressions.map(([, , expr]) => expr), read('deploy/prometheus/rules/recording.yml')].join('\n');
  const own = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
  const left = own.filter(
    (name) => name.startsWith('parley_') && !new RegExp(`\\b${name}(_bucket|_count)?\\b`).test(shown),
  );
  expect(left).toEqual([]);
});

test('no two panels lie on each other', () => {
  for (const { panels } of dashboards) {
    for (const [i, { gridPos: a }] of panels.entries())
      for (const { gridPos: b } of panels.slice(i + 1))
        expect(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y).toBe(true);
  }
});

describe.skipIf(prometheus.missing)(`with data ${prometheus.note}`, () => {
  let world: World;
  let hub: TestHub;
  let server: TestServer;
  let collector: Collector;

  beforeAll(async () => {
    world = cleanup.add(await createWorld());
    collector = cleanup.add(await startCollector());
    const postgres = cleanup.add(await startPostgres());
    const config = configOf(world);
    const env = {
      DATABASE_URL: postgres.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    };
    hub = cleanup.add(await startHub({ config, env }));
    world.connect(hub.url);
    server = cleanup.add(await startPrometheus(hub.url));
    await traffic(world, hub, 'first');
    await save(env.DATABASE_URL, hub.dataDir);
    await hub.writeConfig({ ...config, rules: [{ tenant: 'acme', match: { exact: ['x'] }, reply: 'y' }] });
    // A rate needs two scrapes with something in between.
    await until('a scrape of it', () =>
      has(server, 'parley_dead_letters > 0 and on () parley_config_reloads_total > 0'),
    );
    await traffic(world, hub, 'second');
  });
  afterAll(() => cleanup.run());

  test.each(expressions)('%s: %s: %s', async (_dashboard, _panel, expr) => {
    await until(`data for ${expr}`, () => has(server, expr.replaceAll('$__rate_interval', '1m')), 60_000);
  });

  test('Prometheus keeps the exemplars of latencies, and each names a trace that the collector has', async () => {
    const exemplars = await until('exemplars', async () => {
      const asked = new URLSearchParams({ query: 'parley_turn_duration_seconds_bucket' });
      const response = await fetch(`${server.url}/api/v1/query_exemplars?${asked}&start=${Date.now() / 1000 - 3600}`);
      const { data } = exemplarAnswer.parse(await response.json());
      const ids = data.flatMap(({ exemplars: some }) => some.map(({ labels }) => labels.trace_id));
      return ids.length > 0 ? ids : undefined;
    });
    await until('these traces', () => {
      const known = new Set(collector.spans.map(({ traceId }) => traceId));
      return exemplars.every((id) => known.has(id));
    });
    expect(read('docker-compose.yml')).toContain('--enable-feature=exemplar-storage');
  });

  test('nothing fires that should not', async () => {
    const alerts = await query(
      server,
      'ALERTS{alertstate="firing", alertname=~"ParleyUnavailable|ParleyDependencyDown"}',
    );
    expect(alerts).toEqual([]);
  });
});

/** A tenant with a price, a cache, a forbidden word and a key; Telegram over a long connection. */
function configOf(world: World): object {
  const config = world.config({
    tenant: { cache: {} },
    guard: [{ tenant: 'acme', block_keywords: ['moonshine'] }],
    apiKeys: [{ id: 'web', tenant: 'acme', key: KEY }],
  });
  return {
    ...config,
    channels: config.channels.map((channel) =>
      channel.platform === 'telegram' ? { ...channel, transport: 'polling' } : channel,
    ),
    models: config.models.map((model) => ({ ...model, price: { input: 1, output: 2 } })),
  };
}

/** Answers, repeated questions, refusals, what comes twice, what fails, and what cannot be delivered. */
async function traffic(world: World, hub: TestHub, label: string): Promise<void> {
  for (const name of PLATFORM_NAMES) {
    await world[name].say({ chat: `${label}-${name}`, text: 'how are you?' });
    await answered(world[name], `${label}-${name}`, 'how are you');
  }
  const twice = world.slack.disturb({ times: 1, action: { kind: 'duplicate' } });
  await world.slack.say({ chat: `${label}-twice`, text: 'once or twice?' });
  await answered(world.slack, `${label}-twice`, 'once or twice');
  twice();
  await world.slack.say({ chat: `${label}-bad`, text: 'moonshine' });
  await until('the refusal', () => world.slack.transcript(`${label}-bad`).length > 1);
  const deaf = world.feishu.misbehave({ action: { kind: 'status', status: 403 } });
  await world.feishu.say({ chat: `${label}-lost`, text: 'nobody hears the answer' });
  await until('a turn that is given up', () =>
    hub.logs.some(({ msg, channel, status }) => msg === 'turn finished' && channel === 'feishu' && status === 'failed'),
  );
  deaf();
  const broken = world.openai.misbehave({ times: 1, action: { kind: 'overloaded' } });
  const body = JSON.stringify({ messages: [{ role: 'user', content: `over the API ${label}` }] });
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  for (let i = 0; i < 2; i++) await (await fetch(`${hub.url}/v1/chat`, { method: 'POST', headers, body })).text();
  broken();
}

/** A full backup, another one, and a look whether they are whole. */
async function save(databaseUrl: string, dataDir: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-saved-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  const env = { DATABASE_URL: databaseUrl, PARLEY_DATA_DIR: dataDir, PARLEY_BACKUP_TO: folder };
  for (const args of [['backup'], ['backup'], ['backup', 'verify']])
    expect(await runCommand(args, folder, env)).toMatchObject({ code: 0, stderr: '' });
}

/** The real thing with our rules; it scrapes this one hub, once a second, so that nobody has to wait for it. */
async function startPrometheus(hubUrl: string): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-prometheus-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  await cp(join(DEPLOY, 'prometheus/rules'), join(folder, 'rules'), { recursive: true });
  const { rule_files } = parse(read('deploy/prometheus/prometheus.yml'));
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  const scrape_configs = [{ job_name: 'parley', static_configs: [{ targets: [new URL(hubUrl).host] }] }];
  await writeFile(join(folder, 'prometheus.yml'), stringify({ global, rule_files, scrape_configs }));
  return startServer(
    prometheus.path,
    (port) => [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ],
    '/-/ready',
  );
}

const answer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

const exemplarAnswer = z.object({
  data: z.array(z.object({ exemplars: z.array(z.object({ labels: z.object({ trace_id: z.string() }) })) })),
});

async function query({ url }: TestServer, expr: string) {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expr }) });
  if (!response.ok) throw new Error(`${expr}: ${await response.text()}`);
  return answer.parse(await response.json()).data.result;
}

/** Whether there is at least one number. */
async function has(server: TestServer, expr: string): Promise<boolean> {
  return (await query(server, expr)).some(({ value: [, number] }) => number !== 'NaN');
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createMetrics } from '@parley/core/telemetry';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { filesUnder, ROOT, read, readYaml } from './support/files.ts';
import { findProgram } from './support/programs.ts';

/** The rules as Prometheus reads them, tried out by its own unit tests, and what the program cannot know of them. */
const run = promisify(execFile);
const promtool = findProgram('promtool', 'prometheus');
const RULES = filesUnder('deploy/prometheus/rules', /\.yml$/);
const TESTS = filesUnder('deploy/prometheus/tests', /\.yml$/);

const rule = z.object({
  alert: z.string().optional(),
  record: z.string().optional(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.object({ severity: z.enum(['warning', 'critical']) }).optional(),
  annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }).optional(),
});
const ruleFile = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })) });
const rules = RULES.flatMap((file) => ruleFile.parse(readYaml(file)).groups).flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(promtool.missing)(`promtool ${promtool.note}`, () => {
  test.each(['prometheus.yml', 'machines.yml'])('takes %s and the rules', async (file) => {
    const { stdout } = await run(promtool.path, ['check', 'config', join(ROOT, 'deploy/prometheus', file)]);
    expect(stdout).toMatch(/is valid prometheus config file/);
    expect(stdout.match(/rules found/g)).toHaveLength(RULES.length);
  });

  test.concurrent.each(TESTS)('%s: alerts fire when they should, and recover', async (file) => {
    await expect(run(promtool.path, ['test', 'rules', join(ROOT, file)])).resolves.toBeTruthy();
  });
});

test('machines without containers are scraped under the names that the rules know', () => {
  const jobs = z.object({ scrape_configs: z.array(z.object({ job_name: z.string() })) });
  const [compose, machines] = ['prometheus.yml', 'machines.yml'].map((file) =>
    jobs.parse(readYaml(`deploy/prometheus/${file}`)).scrape_configs.map(({ job_name }) => job_name),
  );
  expect(compose).toContain('parley-gateway');
  expect(machines).toEqual(compose);
});

test('every alert says how bad it is, what it is, and what to do', () => {
  expect(alerts.length).toBeGreaterThan(20);
  for (const { alert, labels, annotations } of alerts) {
    expect(labels?.severity, alert).toBeDefined();
    const page = /^https:\/\/git\.example\.com\/parley\/blob\/main\/(docs\/operations\/runbooks\/[a-z0-9-]+\.md)$/.exec(
      annotations?.runbook_url ?? '',
    )?.[1];
    for (const language of [page, page?.replace('.md', '.zh-CN.md')])
      expect({ alert, page: language, exists: existsSync(join(ROOT, language ?? '?')) }).toMatchObject({
        exists: true,
      });
    expect(read(page ?? '')).toContain(alert);
  }
});

test('every alert is seen firing and recovered by the unit tests', () => {
  const tests = TESTS.map(read).join('\n');
  for (const name of new Set(alerts.map(({ alert }) => alert))) {
    const checks = [...tests.matchAll(new RegExp(`alertname="${name}"[^\\n]*\\n\\s+exp_samples:( \\[\\])?`, 'g'))];
    const ends = checks.map(([, empty]) => (empty ? 'quiet' : 'firing'));
    expect({ name, ends }).toEqual({ name, ends: expect.arrayContaining(['firing', 'quiet']) });
    expect({ name, last: ends.at(-1) }).toEqual({ name, last: 'quiet' });
  }
});

test('they look at nothing that nobody measures', async () => {
  const own = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
  const recorded = rules.flatMap(({ record }) => record ?? []);
  const known = new Set([
    ...own,
    ...own.flatMap((name) => [`${name}_bucket`, `${name}_count`, `${name}_sum`]),
    ...recorded,
  ]);
  const used = rules.flatMap(({ expr }) => expr.match(/\b(parley[_:][a-z0-9_:]+|nodejs_\w+|process_\w+)/g) ?? []);
  expect(used.length).toBeGreaterThan(50);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test('the Prometheus operator gets the same rules', () => {
  const operator = z
    .object({ spec: ruleFile })
    .parse(readYaml('deploy/kubernetes/components/prometheus-operator/rules.yaml'));
  expect(operator.spec.groups).toEqual(RULES.flatMap((file) => ruleFile.parse(readYaml(file)).groups));
});

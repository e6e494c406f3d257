import type { FinishedTurn } from '@parley/core/bus';
import { migrate, recordTurns } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import { reportTurn } from '@parley/workers';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openEmptyPglite } from '../support/index.ts';
import { filesUnder, read, readYaml } from './support/files.ts';

/**
 * Filebeat, Logstash, Elasticsearch and Kibana come from no registry that tests may use. What can be held against the
 * hub is: the fields, their types, and that one file names what the other has.
 */
const template = z.object({
  index_patterns: z.array(z.string()),
  template: z.object({
    settings: z.object({ 'index.lifecycle.name': z.string() }),
    mappings: z.object({
      dynamic: z.literal(false),
      properties: z.record(z.string(), z.looseObject({ type: z.string().optional() })),
    }),
  }),
});
const turns = template.parse(JSON.parse(read('deploy/elk/turns-template.json')));
const { properties } = turns.template.mappings;

const aTurn: FinishedTurn = {
  turn: 't1',
  tenant: 'acme',
  channel: 'bot',
  platform: 'feishu',
  conversation: 'c',
  chatKind: 'direct',
  user: 'u_1',
  status: 'failed',
  errorCode: 'model_timeout',
  model: 'gpt',
  usage: { inputTokens: 3, outputTokens: 4, cachedInputTokens: 0, estimated: false },
  costMicroUsd: 1_500_000,
  attempts: [],
  kind: 'failure',
  receivedAt: 1_000,
  finishedAt: 2_500,
  timeline: [],
};

/** The line as it is written, with everything it can have. */
function lineOf(turn: FinishedTurn): Record<string, unknown> {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(line) });
  reportTurn(turn, { logger }, { prompt: 'what was asked', traceId: 'f'.repeat(32) });
  return JSON.parse(lines[0] ?? '{}');
}

test("the template's fields are the log line's, and of its types", () => {
  const line = lineOf(aTurn);
  const own = Object.keys(properties).filter((name) => name !== '@timestamp' && name !== 'data_stream');
  expect(own.sort()).toEqual(Object.keys(line).sort());
  const NUMBERS = new Set(['long', 'double']);
  for (const [name, value] of Object.entries(line))
    expect({ name, isNumber: NUMBERS.has(properties[name]?.type ?? '') }).toEqual({
      name,
      isNumber: typeof value === 'number',
    });
  expect(properties.cost_usd?.type).toBe('double');
  expect(properties.prompt).toMatchObject({ index: false });
});

test('the line is the one that is promised', () => {
  const promised = [...read('docs/operations.md').matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) +\| /gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name))
    .filter((name) => name in properties);
  expect(new Set([...promised, 'msg', 'prompt'])).toEqual(new Set(Object.keys(lineOf(aTurn))));
});

test('Kibana asks for fields that there are, of objects that there are', () => {
  const object = z.object({
    type: z.string(),
    id: z.string(),
    attributes: z.looseObject({
      title: z.string(),
      columns: z.array(z.string()).optional(),
      visState: z.string().optional(),
      kibanaSavedObjectMeta: z.object({ searchSourceJSON: z.string() }).optional(),
    }),
    references: z.array(z.object({ type: z.string(), id: z.string() })),
  });
  const objects = read('deploy/elk/kibana/parley.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => object.parse(JSON.parse(line)));
  const ids = new Set(objects.map(({ type, id }) => `${type}/${id}`));
  const asked = objects.flatMap(({ attributes: { columns = [], kibanaSavedObjectMeta, visState } }) => {
    const query: string = JSON.parse(kibanaSavedObjectMeta?.searchSourceJSON ?? '{"query":{"query":""}}').query.query;
    const aggs: { params: { field?: string } }[] = JSON.parse(visState ?? '{"aggs":[]}').aggs;
    const inQuery = [...query.matchAll(/(\w+) [:>]/g)].map(([, name = '']) => name);
    return [...columns, ...inQuery, ...aggs.flatMap(({ params }) => params.field ?? [])];
  });
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((name) => !(name in properties))).toEqual([]);
  for (const { type, id } of objects.flatMap(({ references }) => references)) expect(ids).toContain(`${type}/${id}`);
  expect(
    objects.find(({ id }) => id === 'parley-slow-feishu')?.attributes.kibanaSavedObjectMeta?.searchSourceJSON,
  ).toContain('platform : \\"feishu\\" and response_time > 1000');
});

test('one file names what the other has', () => {
  const pipeline = read('deploy/elk/logstash/parley.conf');
  const balance = (open: string, close: string) => pipeline.split(open).length - pipeline.split(close).length;
  expect([balance('{', '}'), balance('[', ']'), balance('(', ')')]).toEqual([0, 0, 0]);
  for (const file of ['turns-template.json', 'hub-template.json']) {
    const { index_patterns, template: body } = template.parse(JSON.parse(read(`deploy/elk/${file}`)));
    // logs-DATASET-*: what Logstash calls it.
    expect(pipeline).toContain(`"${index_patterns[0]?.split('-')[1]}"`);
    expect(read('deploy/elk/setup.sh')).toContain(`_ilm/policy/${body.settings['index.lifecycle.name']}`);
    expect(read('deploy/elk/setup.sh')).toContain(file);
  }
  // What goes to the data stream of turns is told by the line's own words.
  expect(pipeline).toContain(`[msg] == "${lineOf(aTurn).msg}"`);
  const compose = z
    .object({ services: z.record(z.string(), z.object({ volumes: z.array(z.string()).optional() })) })
    .parse(readYaml('deploy/elk/docker-compose.elk.yml'));
  const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) =>
    volumes.filter((v) => v.startsWith('./')),
  );
  const files = filesUnder('deploy/elk', /./).map((file) => `./${file}`);
  expect(mounted.filter((volume) => !files.includes(volume.split(':')[0] ?? ''))).toEqual([]);
  expect(readYaml('deploy/elk/filebeat.yml')).toMatchObject({
    'output.logstash': { hosts: [expect.stringMatching(/^\$\{LOGSTASH_HOSTS:logstash:5044\}$/)] },
  });
  for (const file of files) expect(read(file)).not.toMatch(/password"?\s*[:=]>?\s*"?[A-Za-z0-9]{6,}/i);
});

test.each(['docs/operations/logs.md', 'docs/operations/logs.zh-CN.md'])(
  '%s: the same question, asked of Postgres',
  async (page) => {
    const [, question = ''] = /```sql\n([\s\S]*?)```/.exec(read(page)) ?? [];
    const store = await openEmptyPglite();
    try {
      await migrate(store);
      const row = { attempts: 1, tokensIn: 1, tokensOut: 1, question: undefined, answer: undefined };
      const turn = (id: string, over: object) => ({
        ...aTurn,
        ...row,
        id,
        responseMs: 1500,
        createdAt: Date.now(),
        finishedAt: Date.now(),
        ...over,
      });
      await recordTurns(store, [
        turn('a', {}),
        turn('b', {}),
        turn('c', { errorCode: undefined, status: 'success' }),
        turn('quick', { responseMs: 900 }),
        turn('elsewhere', { platform: 'slack' }),
        turn('long ago', { createdAt: 0, finishedAt: 0 }),
      ] as Parameters<typeof recordTurns>[1]);
      const { rows } = (await store.db.execute(sql.raw(question))) as unknown as { rows: Record<string, unknown>[] };
      expect(rows.map(({ error_code, turns: count }) => [error_code, Number(count)])).toEqual([
        ['model_timeout', 2],
        [null, 1],
      ]);
    } finally {
      await store.close();
    }
  },
);

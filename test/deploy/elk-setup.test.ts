import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '@parley/simulators/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEPLOY, read } from './support/files.ts';

/** deploy/elk/setup.sh as it is run, against a server that writes down what Elasticsearch and Kibana would be told. */
const PASSWORD = 'a "password" with \\ in it';
const told: { method: string; path: string; authorization: string; body: string }[] = [];
let refuse = '';
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer({
    handle: async ({ method, path, query, headers, body }) => {
      told.push({
        method,
        path: `${path}?${query}`.replace(/\?$/, ''),
        authorization: headers.authorization ?? '',
        body: body.toString(),
      });
      return path.startsWith(refuse || '?') ? { status: 400, body: { error: 'refused' } } : { body: {} };
    },
  });
});
afterAll(() => server.close());

const setup = () =>
  promisify(execFile)('sh', [join(DEPLOY, 'elk/setup.sh')], {
    cwd: '/',
    env: {
      PATH: process.env.PATH,
      ELASTICSEARCH_URL: server.url,
      KIBANA_URL: server.url,
      ELASTICSEARCH_PASSWORD: PASSWORD,
    },
  });

test('puts the policy, the templates and the saved objects in, as elastic', async () => {
  await setup();
  expect(told.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PUT /_ilm/policy/parley',
    'PUT /_index_template/parley-turns',
    'PUT /_index_template/parley-hub',
    'POST /api/saved_objects/_import?overwrite=true',
  ]);
  const basic = `Basic ${Buffer.from(`elastic:${PASSWORD}`).toString('base64')}`;
  expect(new Set(told.map(({ authorization }) => authorization))).toEqual(new Set([basic]));
  const files = ['ilm-policy.json', 'turns-template.json', 'hub-template.json'];
  for (const [i, file] of files.entries()) {
    expect(told[i]?.body).toBe(read(`deploy/elk/${file}`));
    expect(JSON.parse(told[i]?.body ?? '')).toBeTypeOf('object');
  }
  expect(told[3]?.body).toContain(read('deploy/elk/kibana/parley.ndjson'));
});

test('what is refused ends it', async () => {
  refuse = '/_index_template/parley-hub';
  await expect(setup()).rejects.toMatchObject({ code: 22 });
  expect(told.at(-1)?.path).toBe(refuse);
});

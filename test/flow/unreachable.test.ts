import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { answered, botSaid, PLATFORM_NAMES } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { metric } from './helpers/metrics.ts';

/** Models that cannot be reached, and one that does not stop talking: played from the question to the reply. */
const cleanup = createCleanup();
let world: World;
let hub: TestHub;

vi.setConfig({ testTimeout: 120_000 });

/** Lines that can be told apart and counted, in prose and in code; more than any platform takes in one message. */
const LINES = 900;
const LONG = [
  '# All of it',
  ...lines(0, 300),
  '```text',
  ...lines(300, 600),
  '```',
  '| number | line |\n|---|---|\n| one | two |',
  '',
  ...lines(600, LINES),
].join('\n');

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `line ${from + i} of a very long answer.${i % 10 ? '' : '\n'}`);
}

const reply = ({ messages }: { messages: { content: string }[] }) => {
  const question = messages.at(-1)?.content ?? '';
  return question.includes('everything') ? LONG : `answer to "${question}"`;
};

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply } }));
  const selfSigned = await startTlsServer();
  const base = world.config();
  const [sim] = base.models;
  const model = (id: string, base_url: string) => ({ ...sim, id, endpoints: [{ base_url }], timeout_seconds: 10 });
  const broken = {
    'no-host': 'https://there-is-no-such-host.invalid/v1',
    'self-signed': `${selfSigned}/v1`,
    'no-tls': world.openai.url.replace('http:', 'https:'),
  };
  hub = cleanup.add(
    await startHub({
      config: {
        ...base,
        tenants: [
          { id: 'acme', models: ['sim'] },
          ...Object.keys(broken).map((id) => ({ id: `${id}-first`, models: [id, 'sim'] })),
          ...Object.keys(broken).map((id) => ({ id: `${id}-only`, models: [id] })),
        ],
        models: [{ ...sim, max_output_tokens: 100_000 }, ...Object.entries(broken).map(([id, url]) => model(id, url))],
        api_keys: Object.keys(broken).flatMap((id) =>
          ['first', 'only'].map((rest) => ({
            id: `${id}-${rest}`,
            tenant: `${id}-${rest}`,
            key: `key-of-${id}-${rest}`,
          })),
        ),
      },
    }),
  );
  world.connect(hub.url);
});
afterAll(() => cleanup.run());

/** A server whose certificate nobody has signed. */
async function startTlsServer(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '2'];
    await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]);
    const options = { key: await readFile(key), cert: await readFile(cert) };
    const server = createTlsServer(options, (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanup.add({ close: () => new Promise((resolve) => server.close(resolve)) });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const ask = (tenant: string, content: string) =>
  fetch(`${hub.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer key-of-${tenant}` },
    body: JSON.stringify({ messages: [{ role: 'user', content }] }),
  });

/** What the log says about the attempts that failed. */
const failures = (model: string) =>
  hub.logs.filter((line) => line.msg.startsWith('model attempt failed') && line.model === model).map(({ msg }) => msg);

describe.each([
  ['no-host', /host name was not found/],
  ['self-signed', /TLS handshake failed/],
  ['no-tls', /TLS handshake failed/],
])('%s', (id, reason) => {
  test('the next model answers, and the log says what was wrong without the address', async () => {
    const response = await ask(`${id}-first`, `hello past ${id}`);
    expect(await response.json()).toMatchObject({ reply: `answer to "hello past ${id}"`, model: 'sim' });
    expect(response.headers.get('x-parley-attempts')).toBe('2');
    expect(failures(id)[0]).toMatch(reason);
    expect(failures(id).join()).not.toMatch(/there-is-no-such-host|sk-sim|127\.0\.0\.1/);
    expect(await metric(hub.url, 'parley_model_calls_total', { model: id, status: 'model_overloaded' })).toBe(1);
  });

  test('without another model the caller hears so, and nothing is charged', async () => {
    const response = await ask(`${id}-only`, 'is anybody there');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBeTruthy();
    expect(await response.json()).toMatchObject({ error: { code: 'no_model_available' } });
    const line = await until('the log line', () =>
      hub.logs.find(({ tenant, status }) => tenant === `${id}-only` && status),
    );
    expect(line).toMatchObject({ status: 'failed', error_code: 'model_overloaded', tokens_in: 0, cost_usd: 0 });
  });
});

test.each(PLATFORM_NAMES)('on %s a very long answer arrives whole, in order and in parts', async (name) => {
  const chat = `${name}-long`;
  await world[name].say({ chat, text: 'tell me everything' });
  await answered(world[name], chat, `line ${LINES - 1} of`, 100_000);
  await until('the end of the turn', () =>
    hub.logs.find((line) => line.platform === name && line.status === 'success'),
  );
  const said = botSaid(world[name], chat);
  expect(said.length).toBeGreaterThan(1);
  const numbers = [...said.join('\n').matchAll(/line (\d+) of a very long answer\./g)].map(([, number]) =>
    Number(number),
  );
  expect(numbers).toEqual(Array.from({ length: LINES }, (_, i) => i));
});

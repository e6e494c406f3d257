import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParleyError } from '@parley/core/errors';
import { createLogger } from '@parley/core/telemetry';
import { afterEach, expect, test } from 'vitest';
import { askHub, type HubRequests, type HubSocket, serveHubSocket } from './hub-socket.ts';

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function serve(requests: HubRequests): Promise<{ dir: string; socket: HubSocket }> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-socket-'));
  cleanup.push(() => rm(dir, { recursive: true, force: true }));
  const socket = await serveHubSocket(dir, requests, createLogger('silent'));
  cleanup.push(() => socket.close());
  return { dir, socket };
}

/** Asks what it was told, and works until it is stopped. */
function endless() {
  const begun = Promise.withResolvers<void>();
  const given = Promise.withResolvers<void>();
  const requests: HubRequests = {
    async work(_body, signal) {
      begun.resolve();
      await new Promise<void>((stopped) => signal.addEventListener('abort', () => stopped()));
      given.resolve();
      throw new ParleyError('unavailable', 'given up');
    },
  };
  return { requests, begun: begun.promise, given: given.promise };
}

test('a command gets its answer, or the error of the hub as it was', async () => {
  const { dir } = await serve({
    async echo(body) {
      return { body };
    },
    async nothing() {},
    async refuse() {
      throw new ParleyError('conflict', 'not now');
    },
    async fail() {
      throw new TypeError('a secret thing');
    },
  });
  expect(await askHub(dir, 'echo', { a: ['你'] })).toEqual({ result: { body: { a: ['你'] } } });
  expect(await askHub(dir, 'nothing', {})).toEqual({ result: null });
  await expect(askHub(dir, 'refuse', {})).rejects.toMatchObject({ code: 'conflict', message: 'not now' });
  const failed = askHub(dir, 'fail', {});
  await expect(failed).rejects.toMatchObject({ code: 'internal' });
  await expect(failed).rejects.not.toThrow('a secret thing');
  await expect(askHub(dir, 'other', {})).rejects.toMatchObject({ code: 'not_found' });
  await expect(askHub(dir, 'echo', 'x'.repeat(70_000))).rejects.toMatchObject({ code: 'payload_too_large' });
});

test('nobody there: undefined, whether or not a socket was left behind; the next hub takes its place', async () => {
  const { dir, socket } = await serve({});
  await socket.close();
  expect(await askHub(dir, 'echo', {})).toBeUndefined();
  await writeFile(join(dir, 'hub.sock'), '');
  expect(await askHub(dir, 'echo', {})).toBeUndefined();
  const next = await serveHubSocket(dir, { echo: async () => 1 }, createLogger('silent'));
  cleanup.push(() => next.close());
  expect(await askHub(dir, 'echo', {})).toEqual({ result: 1 });
});

test('a hub that stops gives up what it does for commands, and says so', async () => {
  const { requests, begun } = endless();
  const { dir, socket } = await serve(requests);
  const asked = askHub(dir, 'work', {}).then(
    () => 'answered',
    (error: Error) => error.message,
  );
  await begun;
  await socket.close();
  expect(await asked).toMatch(/given up|has ended/);
});

test('a command that goes away stops what it asked for', async () => {
  const { requests, begun, given } = endless();
  const { dir } = await serve(requests);
  const outgoing = request({ socketPath: join(dir, 'hub.sock'), path: '/work', method: 'POST' });
  outgoing.on('error', () => {});
  outgoing.end('{}');
  await begun;
  outgoing.destroy();
  await given;
});

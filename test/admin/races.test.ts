import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { type SharedServices, startSharedServices } from '../flow/helpers/shared-services.ts';
import { startHub } from '../support/index.ts';
import { ADMIN_PASSWORD, type Answer, type ConsoleUser, signIn } from './helpers/console.ts';

/** The same thing at the same time, through two gateways on one database: once, whoever comes first. */
const cleanup = createCleanup();
let shared: SharedServices;
let owners: ConsoleUser[];
let url: string;

beforeAll(async () => {
  shared = cleanup.add(await startSharedServices());
  const env = { ...shared.env, HOST: '127.0.0.1', PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD };
  await runCommand(['migrate'], shared.folder, env);
  const config = { version: 1, tenants: [{ id: 'ops' }], models: [{ id: 'echo', provider: 'echo' }] };
  const gateways = [];
  for (let i = 0; i < 2; i++) gateways.push(cleanup.add(await startHub({ role: 'gateway', config, env })));
  url = gateways[0]?.url ?? '';
  owners = await Promise.all(gateways.map((one) => signIn(one.url)));
});
afterAll(() => cleanup.run());

const TIMES = 12;
const owner = (i = 0) => owners[i % owners.length] as ConsoleUser;
/** Sends so many at once, each through the other gateway than the one before. */
const atOnce = (send: (by: ConsoleUser, i: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: TIMES }, (_, i) => send(owner(i), i)));
const statusesOf = (answers: Answer[]) => answers.map(({ status }) => status).sort((a, b) => a - b);
const oneOf = (won: number, lost: number) => [won, ...new Array(TIMES - 1).fill(lost)];

describe('changes of one state', () => {
  /** Reads a thing, changes it in different ways at once, and finds the one that was told that it won. */
  async function race(path: string, method: string, change: (i: number) => object, won: (state: unknown) => unknown) {
    const etag = (await owner().get(path)).headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    const answers = await atOnce((by, i) => by.send(method, path, change(i), { 'if-match': etag }));
    expect(statusesOf(answers)).toEqual(oneOf(200, 412));
    const winner = answers.findIndex(({ status }) => status === 200);
    // The other gateway hears of it a moment later.
    await expect.poll(async () => won((await owner().get(path)).body), { timeout: 20_000 }).toBe(`by ${winner}`);
    expect((await owner().send(method, path, change(99), { 'if-match': etag })).status).toBe(412);
  }

  test('a tenant: one wins, the others are told', async () => {
    expect((await owner().send('POST', '/tenants', { config: { id: 'acme', models: ['echo'] } })).status).toBe(201);
    await race(
      '/tenants/acme',
      'PUT',
      (i) => ({ config: { id: 'acme', name: `by ${i}`, models: ['echo'] } }),
      (state) => Reflect.get(Reflect.get(Object(state), 'config'), 'name'),
    );
  });

  test('a user', async () => {
    const made = await owner().send('POST', '/users', { username: 'vera', roles: [{ tenant: 'ops', role: 'viewer' }] });
    const path = `/users/${made.body.id ?? made.body.user?.id}`;
    await race(
      path,
      'PATCH',
      (i) => ({ name: `by ${i}` }),
      (state) => Reflect.get(Object(state), 'name'),
    );
  });

  test('two versions are not both brought into force', async () => {
    const draft = async (name: string) => {
      const document = { tenants: [{ id: 'acme', name, models: ['echo'] }] };
      return (await owner().send('POST', '/config/versions', { document })).body.version;
    };
    const drafts = [await draft('one'), await draft('two')];
    const etag = (await owner().get('/config')).headers.get('etag') ?? '';
    const answers = await atOnce((by, i) =>
      by.send('POST', `/config/versions/${drafts[i % 2]}/activate`, undefined, { 'if-match': etag }),
    );
    expect(statusesOf(answers)).toEqual(oneOf(200, 412));
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await owner().get('/config')).body.version).toBe(drafts[winner % 2]);
  });
});

describe('an Idempotency-Key', () => {
  const body = (username: string) => ({ username, roles: [{ tenant: 'ops', role: 'viewer' }] });
  const create = (by: ConsoleUser, key: string, what: object, path = '/users') =>
    by.send('POST', path, what, { 'idempotency-key': key });
  const usersLike = async (name: string) =>
    (await owner().get('/users?limit=200')).body.items.filter(({ username }: { username: string }) =>
      username.startsWith(name),
    );

  test('makes one of many that are sent at once, and tells all who ask later the same', async () => {
    const answers = await atOnce((by) => create(by, 'at-once', body('once')));
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    // Those that came while the first was under way are told so.
    expect(answers.filter(({ status }) => status !== 201).map(({ status }) => status)).toEqual(
      new Array(TIMES - made.length).fill(409),
    );
    expect(await usersLike('once')).toHaveLength(1);
    const later = await create(owner(1), 'at-once', body('once'));
    expect([later.status, later.text, later.headers.get('idempotency-replayed')]).toEqual([201, made[0]?.text, 'true']);
  });

  test('belongs to one request: with another body or at another endpoint it makes nothing', async () => {
    expect((await create(owner(), 'mine', body('first'))).status).toBe(201);
    const answers = await atOnce((by, i) => create(by, 'mine', body(`second-${i}`)));
    expect(statusesOf(answers)).toEqual(new Array(TIMES).fill(409));
    expect((await create(owner(), 'mine', { config: { id: 'mine' } }, '/tenants')).status).toBe(409);
    expect(await usersLike('second')).toEqual([]);
    expect((await owner().get('/tenants/mine')).status).toBe(404);
  });

  test('of different bodies at once makes one of them', async () => {
    const answers = await atOnce((by, i) => create(by, 'different', body(`different-${i}`)));
    expect(statusesOf(answers)).toEqual(oneOf(201, 409));
    expect(await usersLike('different')).toHaveLength(1);
  });

  test('is free again when nothing was made, and is somebody’s own', async () => {
    expect((await create(owner(), 'again', { username: 'bad name' })).status).toBe(400);
    expect((await create(owner(), 'again', body('again'))).status).toBe(201);
    for (const key of ['', 'a b', 'x'.repeat(256)]) {
      expect((await create(owner(), key, body('no-key'))).status).toBe(400);
    }
    const [username, password] = ['second-owner', 'a password of the other'];
    const roles = [{ tenant: '*', role: 'owner' }];
    expect((await owner().send('POST', '/users', { username, password, roles })).status).toBe(201);
    const first = await signIn(url, username, password);
    const next = 'a password of their own';
    expect((await first.send('PUT', '/me/password', { current: password, next })).status).toBe(204);
    const answer = await create(await signIn(url, username, next), 'again', body('theirs'));
    expect([answer.status, answer.body.username]).toEqual([201, 'theirs']);
  });
});

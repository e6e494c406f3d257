import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmptyPglite } from '../../../test/support/pglite.ts';
import { type ConfigLayer, configSchema } from '../config/index.ts';
import { createSealer } from '../secrets/index.ts';
import { migrate, rotateSecrets, type Store } from '../store/index.ts';
import { differences } from './difference.ts';
import { createConfigEditor } from './editor.ts';
import { followVersions } from './follow.ts';
import { openSecrets, sealSecrets, showSecrets, takeKept } from './secrets.ts';
import { createConfigVersions } from './versions.ts';

const sealer = createSealer(randomBytes(32));
const silent = { warn: () => {} } as never;
const document = (over: object = {}): ConfigLayer => ({
  tenants: [{ id: 'acme', models: ['gpt'] }],
  channels: [
    {
      id: 'slack',
      tenant: 'acme',
      platform: 'slack',
      api_base_url: 'https://slack.example',
      credentials: { bot_token: 'xoxb-secret', signing_secret: 'signs' },
      ...over,
    },
  ],
  models: [{ id: 'gpt', provider: 'openai', keys: ['sk-first', 'sk-second'] }],
  api_keys: [{ id: 'web', tenant: 'acme', key: 'key-of-the-web-shop', signing_secret: 'seal-of-the-web-shop' }],
});

describe('secrets of a document', () => {
  test('are sealed for the database, come back, and are only fingerprints for people', () => {
    const stored = JSON.stringify(sealSecrets(document(), sealer));
    const shown = JSON.stringify(showSecrets(document(), sealer));
    for (const text of [stored, shown])
      for (const secret of ['xoxb-secret', 'signs', 'sk-first', 'of-the-web-shop']) expect(text).not.toContain(secret);
    expect(openSecrets(JSON.parse(stored), sealer)).toEqual(document());
    expect(shown.match(/kept:[0-9a-f]{12}/g)).toHaveLength(6);
  });

  test('sent back as they were shown they stay; new ones replace them; keys may be put in another order', () => {
    const shown = JSON.parse(JSON.stringify(showSecrets(document(), sealer)));
    shown.models[0].keys = ['sk-third', shown.models[0].keys[1]];
    const taken = JSON.parse(JSON.stringify(takeKept(shown, document(), sealer)));
    expect(taken.channels[0].credentials.bot_token).toBe('xoxb-secret');
    expect(taken.models[0].keys).toEqual(['sk-third', 'sk-second']);
  });

  test('belong to their entry and its address: nobody moves them to a server of their own', () => {
    const shown = JSON.parse(JSON.stringify(showSecrets(document(), sealer)));
    const elsewhere = { ...shown, channels: [{ ...shown.channels[0], api_base_url: 'https://evil.example' }] };
    expect(() => takeKept(elsewhere, document(), sealer)).toThrow(/credentials\.bot_token: enter it again/);
    const otherEntry = { ...shown, channels: [{ ...shown.channels[0], id: 'mine' }] };
    expect(() => takeKept(otherEntry, document(), sealer)).toThrow(/no such stored secret/);
    const withEndpoint = {
      ...shown,
      models: [{ ...shown.models[0], endpoints: [{ base_url: 'https://evil.example/v1' }] }],
    };
    expect(() => takeKept(withEndpoint, document(), sealer)).toThrow(/models\[0\]\.keys\[0\]: enter it again/);
  });
});

describe('differences', () => {
  test('names leaves by the ids of their entries', () => {
    const changed = document({ streaming: false });
    expect(differences(document(), { ...changed, rules: [] })).toEqual([
      { path: 'channels[slack].streaming', before: undefined, after: false },
      { path: 'rules', before: undefined, after: [] },
    ]);
  });

  test('finds none between equal documents, and some between others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(differences(a, JSON.parse(JSON.stringify(a)))).toEqual([]);
        const same = JSON.stringify(a) === JSON.stringify(b);
        if (!same && JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b))) {
          expect(differences(a, b).length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

/** The order of an object's keys is not a difference; nor is that of entries with ids, of which jsonValue makes none. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

describe('versions', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openEmptyPglite();
    await migrate(store);
  });
  afterAll(() => store.close());

  function editorOf(announced: number[] = [], inForce: () => ConfigLayer = () => ({})) {
    const versions = createConfigVersions(store, sealer);
    const config = configSchema.parse({ version: 1, models: [{ id: 'echo', provider: 'echo' }] });
    const editor = createConfigEditor({
      versions,
      sealer,
      base: () => ({ config, source: 'file' }),
      inForce,
      announce: async (version) => void announced.push(version),
    });
    return { versions, editor };
  }

  test('each change is a version with its author, validated as a whole; a mistake changes nothing', async () => {
    const announced: number[] = [];
    const { versions, editor } = editorOf(announced);
    const first = await editor.edit('ann', 'a tenant', (before) => ({
      ...before,
      tenants: [{ id: 'acme', models: ['echo'] }],
    }));
    await expect(
      editor.edit('bob', 'nonsense', (before) => ({ ...before, tenants: [{ id: 'acme', models: ['nothing'] }] })),
    ).rejects.toMatchObject({ code: 'invalid_request', fields: [{ path: 'tenants[0].models[0]' }] });
    const second = await editor.edit('bob', 'a prompt', (before) => ({
      ...before,
      tenants: [{ id: 'acme', models: ['echo'], system_prompt: 'Be kind.' }],
    }));
    expect(second.changes).toEqual([{ path: 'tenants[acme].system_prompt', before: undefined, after: 'Be kind.' }]);
    expect(announced).toEqual([first.version, second.version]);
    expect(await versions.list(10)).toMatchObject([
      { author: 'bob', active: true, basedOn: first.version },
      { author: 'ann', active: false },
    ]);
    const back = await editor.activate(first.version, second.version);
    expect(back.changes).toEqual([{ path: 'tenants[acme].system_prompt', before: 'Be kind.', after: undefined }]);
    expect((await versions.active())?.version).toBe(first.version);
    await expect(editor.activate(second.version, second.version)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });

  test('go under another master key with everything else', async () => {
    const { editor } = editorOf();
    await editor.edit('ann', 'a model with a key', () => ({
      models: [{ id: 'gpt', provider: 'openai', keys: ['sk-x'] }],
    }));
    const next = createSealer(randomBytes(32));
    expect(await rotateSecrets(store, sealer, next)).toBeGreaterThan(0);
    expect((await createConfigVersions(store, next).active())?.document.models).toEqual([
      { id: 'gpt', provider: 'openai', keys: ['sk-x'] },
    ]);
    expect(await rotateSecrets(store, next, sealer)).toBeGreaterThan(0);
    expect(await rotateSecrets(store, next, sealer)).toBe(0);
  });

  test('two people at once: both changes are there', async () => {
    const { editor } = editorOf();
    await editor.edit('x', 'empty', () => ({}));
    await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        editor.edit(id, 'adds', (before) => ({
          ...before,
          tenants: [...(before.tenants ?? []), { id, models: ['echo'] }],
        })),
      ),
    );
    const { document: now } = await editor.read();
    expect(now.tenants?.map((tenant) => Reflect.get(tenant, 'id')).sort()).toEqual(['a', 'b', 'c']);
  });

  test('of two who change the same one is told, and what others change beside it stays', async () => {
    let seen: ConfigLayer = {};
    const { editor } = editorOf([], () => seen);
    const tenant = (id: string, name: string) => ({ id, name, models: ['echo'] });
    await editor.edit('x', 'both', () => ({ tenants: [tenant('a', 'first'), tenant('b', 'first')] }));
    seen = (await editor.read()).document;
    const rename = (id: string, name: string) =>
      editor.edit(
        name,
        'renames',
        (now) => ({
          ...now,
          tenants: now.tenants?.map((one) => (Reflect.get(one, 'id') === id ? tenant(id, name) : one)),
        }),
        (now) => now.tenants?.find((one) => Reflect.get(one, 'id') === id),
      );
    const results = await Promise.allSettled([rename('a', 'ann'), rename('a', 'bob'), rename('b', 'eve')]);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'precondition_failed' }) },
    ]);
    expect(results[2]?.status).toBe('fulfilled');
    const names = (await editor.read()).document.tenants?.map((one) => Reflect.get(one, 'name'));
    expect(names).toEqual([results[0]?.status === 'fulfilled' ? 'ann' : 'bob', 'eve']);
  });

  test('another process follows at the next look, and hears only of what changed', async () => {
    const { versions, editor } = editorOf();
    const applied: (number | null)[] = [];
    const follower = followVersions({
      versions,
      version: await versions.activeNumber(),
      apply: async (version) => void applied.push(version),
      logger: silent,
      pollMs: 3_600_000,
    });
    await follower.look();
    expect(applied).toEqual([]);
    const { version } = await editor.edit('x', 'again', (before) => ({ ...before, rules: [] }));
    await Promise.all([follower.look(), follower.look()]);
    expect(applied).toEqual([version]);
    follower.close();
  });
});
